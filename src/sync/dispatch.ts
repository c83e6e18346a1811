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
 * Hands an order to a background worker.
 * @param orderDeadline epoch milliseconds after which no answer is waited for
 * @returns whether the platform accepted it, and if not, why; nothing is thrown
 */
export type SendOrder = (order: WorkOrder, orderDeadline: number) => Promise<OrderOutcome>;

interface DispatchOptions {
  readonly slot?: number;
  /** Only if the slot still has this number: whoever raised it has taken over. */
  readonly after?: number;
  /** Epoch milliseconds; default 16 s from now. */
  readonly orderDeadline?: number;
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
  { slot = 0, after, orderDeadline = context.clock.now() + SEND_MS }: DispatchOptions = {},
): Promise<boolean> {
  const job = await context.store.jobs.nextOrder(jobId, slot, after);
  if (!job) return false;
  const sequence = sequenceOf(job, slot);
  const sent = await send({ jobId: String(jobId), slot, sequence }, orderDeadline);
  await record(context, jobId, sent);
  if (sent.accepted) return true;
  context.log.warn({ jobId: String(jobId), ...sent }, 'no worker could be started');
  // An order whose answer was lost may have started a worker all the same: then the job is its.
  if (slot === 0) await context.store.jobs.markIdleIfUnclaimed(jobId);
  return false;
}

/** The run doesn't depend on it: where it can't be written, only the log knows. */
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

/** The number of the slot's latest order; 0: none so far. */
export function sequenceOf(job: SyncJob, slot: number): number {
  return job.workers?.[String(slot)] ?? 0;
}
