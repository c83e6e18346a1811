import type { mongo, Types } from 'mongoose';
import type { DispatchOutcome, SyncJob } from '../models/sync-job.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import type { SyncContext } from './context.js';

/** What a background worker is started with. A job has a slot for each of its workers. */
export interface WorkOrder {
  readonly jobId: string;
  readonly slot: number;
  /** Grows with each start of the slot: an order with an old number is ignored. */
  readonly sequence: number;
}

export type OrderOutcome = Omit<DispatchOutcome, 'at'>;

/**
 * Hands an order to a background worker.
 * @param deadline epoch milliseconds after which no answer is waited for
 * @returns whether the platform accepted it, and if not, why; nothing is thrown
 */
export type SendOrder = (order: WorkOrder, deadline: number) => Promise<OrderOutcome>;

interface DispatchOptions {
  readonly slot?: number;
  /** Only if the slot still has this number: whoever raised it has taken over. */
  readonly after?: number;
  /** Epoch milliseconds; default 16 s from now. */
  readonly deadline?: number;
}

/** Two attempts of eight seconds. */
const SEND_MS = 16_000;

/**
 * Starts a worker on a job, and records in the job and for the site what became of the order.
 * @returns false where no worker could be started, or another one has taken over
 */
export async function dispatch(
  context: SyncContext,
  send: SendOrder,
  jobId: Types.ObjectId,
  { slot = 0, after, deadline = context.clock.now() + SEND_MS }: DispatchOptions = {},
): Promise<boolean> {
  const job = await nextOrder(context, jobId, slot, after);
  if (!job) return false;
  const sequence = sequenceOf(job, slot);
  const sent = await send({ jobId: String(jobId), slot, sequence }, deadline);
  await record(context, jobId, sent);
  if (sent.accepted) return true;
  context.log.warn({ jobId: String(jobId), ...sent }, 'no worker could be started');
  if (slot === 0) await letGo(context, jobId);
  return false;
}

/** The job with the slot's next number, or null where another worker has taken over. */
function nextOrder(
  context: SyncContext,
  jobId: Types.ObjectId,
  slot: number,
  after: number | undefined,
): Promise<SyncJob | null> {
  const field = `workers.${slot}`;
  const expected = after === undefined ? {} : { [field]: after === 0 ? { $exists: false } : after };
  const update = {
    $inc: { [field]: 1 },
    // A worker has the time of a lease to begin.
    $unset: { idle: '' },
    $currentDate: { heartbeat: true },
    // The other slots' workers come to a job that is being worked on.
    ...(slot === 0 && { $set: { unclaimed: true } }),
  };
  return withRetry(
    () =>
      native(context.models.jobs).findOneAndUpdate(
        { _id: jobId, active: true, ...expected } as mongo.Filter<SyncJob>,
        update as mongo.UpdateFilter<SyncJob>,
        { returnDocument: 'after' },
      ),
    context,
  );
}

/** The run doesn't depend on it: where it can't be written, only the log knows. */
async function record(
  context: SyncContext,
  jobId: Types.ObjectId,
  sent: OrderOutcome,
): Promise<void> {
  const { jobs } = context.models;
  const dispatch: DispatchOutcome = { at: new Date(context.clock.now()), ...sent };
  await Promise.all([
    withRetry(() => native(jobs).updateOne({ _id: jobId }, { $set: { dispatch } }), context),
    context.store.schedules.recordDispatch({ ...dispatch, jobId: String(jobId) }),
  ]).catch((error) => context.log.warn({ err: error }, 'dispatch not recorded'));
}

/** An order whose answer was lost may have started a worker all the same: then the job is its. */
async function letGo(context: SyncContext, _id: Types.ObjectId): Promise<void> {
  const jobs = native(context.models.jobs);
  const untaken = { _id, active: true, unclaimed: true } as mongo.Filter<SyncJob>;
  const update = { $set: { idle: true as const }, $unset: { unclaimed: '' } };
  await withRetry(() => jobs.updateOne(untaken, update as mongo.UpdateFilter<SyncJob>), context);
}

/** The number of the slot's latest order; 0: none so far. */
export function sequenceOf(job: SyncJob, slot: number): number {
  return job.workers?.[String(slot)] ?? 0;
}
