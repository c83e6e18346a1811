import { Types } from 'mongoose';
import { toAppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { advance } from './advance.js';
import type { SyncContext } from './context.js';
import { dispatch, type SendOrder, sequenceOf, type WorkOrder } from './dispatch.js';

export type Worked = 'done' | 'handed_on' | 'busy' | 'ignored' | 'stopped';

/**
 * Carries out an order in a background worker: it works on the job until the deadline, then orders
 * its successor. The platform may start one order three times: leases keep the workers apart, and
 * only one of them can order the successor.
 */
export async function runOrder(
  context: SyncContext,
  send: SendOrder,
  { jobId, slot, sequence }: WorkOrder,
  sliceDeadline: number,
): Promise<Worked> {
  const _id = new Types.ObjectId(jobId);
  const job = await context.store.jobs.find(_id);
  if (!job?.active || sequenceOf(job, slot) !== sequence) return 'ignored';
  try {
    const onReading = (reading: SyncJob) => startOthers(context, send, reading);
    const { state, job: advanced } = await advance(context, _id, sliceDeadline, {
      onReading,
      ordered: true,
    });
    if (state !== 'more') return state;
    // The run's end can't be recorded at present; the schedule's next pass tries again.
    if (advanced.finishing) return 'stopped';
  } catch (error) {
    if (toAppError(error).code === 'SYNC_SUPERSEDED') return 'stopped';
    throw error;
  }
  return (await dispatch(context, send, _id, { slot, after: sequence })) ? 'handed_on' : 'stopped';
}

/** Orders the job's other workers, once there are segments to share. */
async function startOthers(context: SyncContext, send: SendOrder, job: SyncJob): Promise<void> {
  const wanted = Math.min(job.maxWorkers, job.segments.length);
  const slots = Array.from({ length: Math.max(0, wanted - 1) }, (_, index) => index + 1);
  await Promise.all(
    slots.map((slot) => dispatch(context, send, job._id, { slot, after: sequenceOf(job, slot) })),
  );
}
