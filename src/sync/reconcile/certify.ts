import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { DeleteList } from '../../models/delete-list.js';
import type { Difference } from '../../models/reconcile.js';
import type { SyncJob } from '../../models/sync-job.js';
import { deleteExpiry } from '../../rows/guarded-write.js';
import { keyParts } from '../../rows/key.js';
import type { Step, StepResult } from '../step.js';
import { ceilingOf, certificateOf, isUnproven } from './certificate.js';
import { reconcileOf, StepCost } from './cost.js';
import { DEFAULT_GUARD_PERCENT, reasonsToHold } from './delete-guard.js';
import { MOST_CANDIDATES } from './locate.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

type Found = mongo.WithId<Difference>;

/**
 * Ends a comparison: resolves differences that are no more, carries out or holds the deletes that
 * it has inferred, and issues the certificate. Each part can be repeated.
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
  const [remaining, oddities] = await Promise.all([
    store.differences.countOpen(tableId),
    store.comparison(tableId).countOddities(),
  ]);
  await session.save({ ...cost.take() });
  const held = deletes?.state === 'held' ? deletes.deletes : 0;
  const certificate = certificateOf(session.job, reconcileOf(session.job), {
    remaining,
    held,
    deleted: deletes?.deleted ?? 0,
    ...oddities,
    endedAt: now,
  });
  // A run that has only carried out a list says nothing of the rest of the table.
  if (reconcileOf(job).confirms === undefined) await store.certificates.record(certificate);
  await context.alerts.reconciled(job, certificate);
  const { verdict, repaired } = certificate;
  await session.save({
    phase: 'finishing',
    'reconcile.result': { verdict, repaired, remaining: certificate.remaining, held },
  });
  return 'next';
}

/** Whether every difference that is still there has been met by this run. */
function hasLookedEverywhere({ reconcile }: SyncJob): boolean {
  const reasons = (reconcile?.exceptions ?? []).map(({ reason }) => reason);
  const isPartial = [
    'listing_refused',
    'listing_contradictory',
    'too_many_differences',
    'run_not_complete',
  ];
  return reconcile?.confirms === undefined && !reasons.some((reason) => isPartial.includes(reason));
}

/**
 * Deletes the documents that were absent from the lake twice, a lookback apart, or holds all of them.
 * @returns the list with what became of it; null where there is none
 */
async function decideDeletes(step: Step, now: Date): Promise<DeleteList | null> {
  const { context, session } = step;
  const { job } = session;
  const { tableId } = job;
  const { repair, confirms } = reconcileOf(job);
  const { deleteLists, differences } = context.store;
  if (!repair && !confirms) return deleteLists.held(tableId, now);
  const list = (await deleteLists.ofRun(tableId, job._id)) ?? (await freeze(step, now));
  if (list?.state !== 'applied') return list;
  const due = await dueDeletes(step);
  const deleted = await deleteAll(
    step,
    due.filter(({ heldIn }) => heldIn === list.hash),
  );
  const total = (list.deleted ?? 0) + deleted.length;
  await differences.resolve(tableId, deleted, 'deleted', now);
  await deleteLists.noteDeleted(tableId, job._id, total);
  return { ...list, deleted: total };
}

/** Documents that this run has found absent, and that were so a lookback before it asked. */
function dueDeletes({ context, session }: Step): Promise<Found[]> {
  const { job } = session;
  const { asOf, confirms } = reconcileOf(job);
  const lookbackMs = (job.lookbackMinutes ?? 0) * MINUTE_MS;
  const before = new Date((asOf ?? job.createdAt).getTime() - (confirms ? 0 : lookbackMs));
  return context.store.differences.absentSince(job.tableId, job._id, {
    before,
    most: MOST_CANDIDATES,
  });
}

/** @returns null where there is nothing to delete */
async function freeze(step: Step, now: Date): Promise<DeleteList | null> {
  const { context, session } = step;
  const due = await dueDeletes(step);
  if (due.length === 0) return null;
  const { job } = session;
  const { tableId } = job;
  const { confirms, position, exceptions = [] } = reconcileOf(job);
  const { deleteLists, differences } = context.store;
  const hash = hashOf(due);
  await differences.putOnList(
    tableId,
    due.map(({ key }) => key),
    hash,
  );
  const [lastDay, lastMonth] = await Promise.all([
    deleteLists.appliedSince(tableId, new Date(now.getTime() - DAY_MS)),
    deleteLists.appliedSince(tableId, new Date(now.getTime() - 30 * DAY_MS)),
  ]);
  const reasons = confirms
    ? []
    : reasonsToHold({
        deletes: countByWarehouse(due),
        warehouses: position?.warehouses ?? [],
        lastDay,
        lastMonth,
        percent: job.deleteGuardPercent ?? DEFAULT_GUARD_PERCENT,
        absenceProven: !isUnproven(exceptions),
      });
  const isApplied = reasons.length === 0;
  return deleteLists.freeze({
    tableId,
    hash,
    jobId: job._id,
    deletes: due.length,
    documents: position?.documents ?? 0,
    reasons,
    state: isApplied ? 'applied' : 'held',
    createdAt: now,
    ...(isApplied && { decidedAt: now }),
  });
}

/** @returns the keys of documents that were deleted: still in the version that was compared */
async function deleteAll(step: Step, due: readonly Found[]): Promise<string[]> {
  const { context, session } = step;
  const { job } = session;
  const { asOf } = reconcileOf(job);
  const comparison = context.store.comparison(job.tableId);
  const versions = await comparison.versions(due.map(({ key }) => key));
  const asked = asOf ?? job.createdAt;
  const modifiedAt = new Date(Math.max(asked.getTime(), ceilingOf(job)?.getTime() ?? 0));
  const expireAt = job.deleteMode === 'hard' ? deleteExpiry(modifiedAt) : undefined;
  const deleted: string[] = [];
  // A difference was last seen when the lake was last asked for its row.
  for (const { key, storedModifiedAt, serialKey, lastSeenAt: inferredAt } of due) {
    const version = versions.get(key);
    if (!version || version.deleted) {
      deleted.push(key);
      continue;
    }
    const isSame =
      version.modifiedMs === storedModifiedAt?.getTime() && String(version.serialKey) === serialKey;
    const isDeleted =
      isSame &&
      (await comparison.deleteVersion(
        version,
        { modifiedAt, inferredAt },
        { epoch: job.epoch ?? 0, expireAt },
      ));
    if (isDeleted) deleted.push(key);
  }
  return deleted;
}

function hashOf(due: readonly Found[]): string {
  const hash = createHash('sha256');
  for (const { key, storedModifiedAt, serialKey } of due) {
    hash.update(JSON.stringify([key, storedModifiedAt?.getTime(), serialKey]));
  }
  return hash.digest('hex');
}

function countByWarehouse(due: readonly Found[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of due) {
    const whseid = keyParts(key)[0] ?? '';
    counts.set(whseid, (counts.get(whseid) ?? 0) + 1);
  }
  return counts;
}
