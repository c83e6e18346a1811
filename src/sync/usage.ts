import { toAppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';
import type { Advanced, SliceMemory } from './step.js';
import { within } from './time-box.js';

/** Limit for recording a slice's usage, after its work. */
const RECORD_MS = 2_000;

/**
 * Measures a slice, and adds what it has used to its job, to its table's day and to the table's total.
 * A worker that is killed adds nothing, and a failure to record is only logged: these are figures
 * for an estimate.
 * @param work given a function to be called with the job once there is work to do on it
 */
export async function withUsage(
  context: SyncContext,
  memory: SliceMemory,
  work: (noteJob: (job: SyncJob) => void) => Promise<Advanced>,
): Promise<Advanced> {
  const began = context.clock.now();
  const worked: { job?: SyncJob } = {};
  let leasesLost = 0;
  try {
    return await work((job) => {
      worked.job ??= job;
    });
  } catch (error) {
    if (toAppError(error).code === 'SYNC_SUPERSEDED') leasesLost = 1;
    throw error;
  } finally {
    const { lakeQueries } = memory;
    // The clock may be set back in between.
    const functionMs = Math.max(0, context.clock.now() - began);
    if (worked.job) await record(context, worked.job, { functionMs, lakeQueries, leasesLost });
  }
}

async function record(
  { clock, store, log }: SyncContext,
  { _id, tableId }: SyncJob,
  { leasesLost, ...used }: Record<'functionMs' | 'lakeQueries' | 'leasesLost', number>,
): Promise<void> {
  const usage = { ...used, slices: 1 };
  const recorded = Promise.all([
    store.jobs.addUsage(_id, usage),
    store.usages.add(tableId, { ...usage, leasesLost }, new Date(clock.now())),
  ]);
  await within(clock, clock.now() + RECORD_MS, recorded).catch((error) =>
    log.warn({ err: error, table: tableId }, 'usage not recorded'),
  );
}
