import type { mongo } from 'mongoose';
import type { SilentRun } from '../alerts/alert.js';
import type { SyncJob } from '../models/sync-job.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import { isResting, workersCome } from './bounds.js';
import type { SyncContext } from './context.js';
import { isOver } from './free-lease.js';

export type Silent = SilentRun & Pick<SyncJob, 'lostOrders'>;

/** The active runs of which no worker has given a sign of life for the length of a lease. */
export async function silentRuns(context: SyncContext): Promise<Silent[]> {
  const fields = { tableId: 1, tableName: 1, historyId: 1, heartbeat: 1, finishing: 1, now: 1 };
  const ofOrders = { dispatch: 1, unclaimed: 1, lostOrders: 1 };
  const pipeline = [
    { $match: { active: true } },
    { $set: { now: '$$NOW' } },
    { $project: { ...fields, ...ofOrders } },
  ];
  const jobs = native(context.models.jobs);
  const found = await withRetry(
    () => jobs.aggregate<Silent & { now: Date }>(pipeline).toArray(),
    context,
  );
  return found.filter(
    ({ heartbeat, finishing, now }) =>
      isOver(heartbeat, now, context.leaseMs) && !isResting(finishing, now),
  );
}

/**
 * Whether a worker is to be ordered for the run. Not if its last order was accepted and nobody
 * took the run up: that is counted, and the caller does the work himself.
 */
export async function isToBeOrdered(context: SyncContext, run: Silent): Promise<boolean> {
  if (workersCome(run)) return true;
  if (!run.unclaimed) return false;
  const lost = { _id: run._id, active: true, unclaimed: true } as mongo.Filter<SyncJob>;
  const update = { $inc: { lostOrders: 1 }, $unset: { unclaimed: '' } };
  const jobs = native(context.models.jobs);
  const { matchedCount } = await withRetry(
    () => jobs.updateOne(lost, update as mongo.UpdateFilter<SyncJob>),
    context,
  );
  if (matchedCount > 0) {
    context.log.warn(
      { jobId: String(run._id), dispatch: run.dispatch },
      'order was never taken up',
    );
  }
  return false;
}
