import type { RunProof } from '../../models/reading.js';
import type { JobUpdate } from '../../store/job-leases.js';
import type { Step } from '../step.js';
import { withException } from './exceptions.js';

/** The job fields that start what follows the reading: the run's end, or the comparison with the lake. */
export async function afterReading(
  { context, session }: Step,
  proof: RunProof,
): Promise<JobUpdate> {
  const { job } = session;
  const { reconcile, tableId, _id } = job;
  if (!reconcile) return { phase: 'finishing' };
  const asked = { probeQuery: undefined };
  if (proof.how === 'limited') {
    const message = 'the run has not read everything that is new';
    return {
      ...asked,
      phase: 'certifying',
      ...withException(job, { reason: 'run_not_complete', message }),
    };
  }
  if (reconcile.confirms === undefined) return { ...asked, phase: 'listing' };
  const { now } = await context.store.jobs.findWithTime(_id);
  const held = await context.store.deleteLists.held(tableId, now);
  if (held?.hash !== reconcile.confirms) {
    const message = 'the confirmed list is no longer held';
    return {
      ...asked,
      phase: 'certifying',
      ...withException(job, { reason: 'list_not_held', message }),
    };
  }
  await context.store.differences.takeOver(tableId, reconcile.confirms, _id);
  return { ...asked, phase: 'confirming', 'reconcile.asOf': now };
}
