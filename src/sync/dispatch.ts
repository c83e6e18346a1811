import type { Types } from 'mongoose';
import type { DispatchOutcome, SyncJob } from '../models/sync-job.js';
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
 * Sends an order to a background worker.
 * @param orderDeadline epoch milliseconds until which the answer is awaited
 * @returns whether the platform accepted the order, and if not, why; never throws
 */
export type SendOrder = (order: WorkOrder, orderDeadline: number) => Promise<OrderOutcome>;

interface DispatchOptions {
  readonly slot?: number;
  /** Send only if the slot still has this number: a higher one means that another worker took over. */
  readonly after?: number;
  /** Epoch milliseconds; default 16 s from now. */
  readonly orderDeadline?: number;
}

/** Two attempts of eight seconds. */
const SEND_MS = 16_000;

/**
 * Orders a worker for a job, and records the result in the job and in the schedule's state.
 * @returns false where no worker could be started, or another one has taken over
 */
export async function dispatch(
  context: SyncContext,
  send: SendOrder,
  jobId: Types.ObjectId,
  { slot = 0, after, orderDeadline = context.clock.now() + SEND_MS }: DispatchOptions = {},
): Promise<boolean> {
  const job = await context.store.jobs.nextOrder(jobId, slot, after);
  if (!job) return false;
  const sequence = sequenceOf(job, slot);
  const sent = await send({ jobId: String(jobId), slot, sequence }, orderDeadline);
  await record(context, jobId, sent);
  if (sent.accepted) return true;
  context.log.warn({ jobId: String(jobId), ...sent }, 'no worker could be started');
  // An order whose answer was lost may have started a worker all the same: then it has the job.
  if (slot === 0) await context.store.jobs.markIdleIfUnclaimed(jobId);
  return false;
}

/** The run doesn't depend on this record: if it can't be written, only the log has it. */
async function record(
  context: SyncContext,
  jobId: Types.ObjectId,
  sent: OrderOutcome,
): Promise<void> {
  const dispatch: DispatchOutcome = { at: new Date(context.clock.now()), ...sent };
  await Promise.all([
    context.store.jobs.recordDispatch(jobId, dispatch),
    context.store.schedules.recordDispatch({ ...dispatch, jobId: String(jobId) }),
  ]).catch((error) => context.log.warn({ err: error }, 'dispatch not recorded'));
}

/** The number of the slot's latest order; 0 if there has been none. */
export function sequenceOf(job: SyncJob, slot: number): number {
  return job.workers?.[String(slot)] ?? 0;
}
