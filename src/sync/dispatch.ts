import type { mongo, Types } from 'mongoose';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

/** What a background worker is started with. A job has a slot for each of its workers. */
export interface WorkOrder {
  readonly jobId: string;
  readonly slot: number;
  /** Grows with each start of the slot: an order with an old number is ignored. */
  readonly sequence: number;
}

/** Hands an order to a background worker. @returns false where the site can't call itself */
export type SendOrder = (order: WorkOrder) => Promise<boolean>;

/**
 * Starts a worker on a job.
 * @param after only if the slot still has this number: whoever raised it has taken over
 * @returns false where no worker could be started, or another one has taken over
 */
export async function dispatch(
  context: SyncContext,
  send: SendOrder,
  jobId: Types.ObjectId,
  { slot = 0, after }: { slot?: number; after?: number } = {},
): Promise<boolean> {
  const field = `workers.${slot}`;
  const expected = after === undefined ? {} : { [field]: after === 0 ? { $exists: false } : after };
  const jobs = native(context.models.jobs);
  const job = await withRetry(
    () =>
      jobs.findOneAndUpdate(
        { _id: jobId, active: true, ...expected } as mongo.Filter<SyncJob>,
        {
          $inc: { [field]: 1 },
          // It is in good hands until the worker has had the time of a lease to begin.
          $unset: { idle: '' },
          $currentDate: { heartbeat: true },
        } as mongo.UpdateFilter<SyncJob>,
        { returnDocument: 'after' },
      ),
    context,
  );
  if (!job) return false;
  return send({ jobId: String(jobId), slot, sequence: sequenceOf(job, slot) });
}

/** The number of the slot's latest order; 0: none so far. */
export function sequenceOf(job: SyncJob, slot: number): number {
  return job.workers?.[String(slot)] ?? 0;
}
