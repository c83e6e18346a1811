import type { SyncJob } from '../../models/sync-job.js';
import type { Step, StepResult } from '../step.js';
import { certificateOf, isBrokenOff } from './certificate.js';
import { reconcileOf, StepCost } from './cost.js';
import { decideDeletes } from './inferred-deletes.js';

/**
 * Ends a comparison: resolves differences that no longer exist, applies or holds the inferred
 * deletes, and issues the certificate. Each part can be repeated.
 */
export async function certify(step: Step): Promise<StepResult> {
  const { context, session } = step;
  const { job } = session;
  const { tableId } = job;
  const { store } = context;
  const cost = new StepCost(step);
  const { now } = await store.jobs.findWithTime(job._id);
  if (hasLookedEverywhere(job)) await store.differences.resolveUnmet(tableId, job._id, now);
  const deletes = await decideDeletes(step, now);
  if (deletes === 'pause') return 'pause';
  const [remaining, oddities] = await Promise.all([
    store.differences.countOpen(tableId),
    odditiesSeen(session.job, deletes?.deleted ?? 0) ?? store.comparison(tableId).countOddities(),
  ]);
  await session.save(cost.take());
  const held = deletes?.state === 'held' ? deletes.deletes : 0;
  const certificate = certificateOf(session.job, reconcileOf(session.job), {
    remaining,
    held,
    deleted: deletes?.deleted ?? 0,
    ...oddities,
    endedAt: now,
  });
  await store.certificates.record(certificate);
  await context.alerts.reconciled(job, certificate);
  const { verdict, repaired } = certificate;
  await session.save({
    phase: 'finishing',
    'reconcile.result': { verdict, repaired, remaining: certificate.remaining, held },
  });
  return 'next';
}

/** Whether this run has found every difference that still exists. */
function hasLookedEverywhere({ reconcile }: SyncJob): boolean {
  const { confirms, exceptions = [] } = reconcile ?? {};
  const isCut = exceptions.some(({ reason }) => reason === 'too_many_differences');
  return confirms === undefined && !isCut && !isBrokenOff(exceptions);
}

/** The oddities that the listing phase counted, if the run can't have changed documents since. */
function odditiesSeen({ reconcile }: SyncJob, deleted: number) {
  const { repair, deep, position, nextRange } = reconcile ?? {};
  const isComplete = nextRange !== undefined;
  const mayHaveWritten = deleted > 0 || (repair && (deep || position?.ranges.length !== 0));
  return isComplete && !mayHaveWritten ? position?.oddities : undefined;
}
