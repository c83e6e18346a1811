import type { Types } from 'mongoose';
import { AppError, toAppError, toStoredError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import type { Step, StepResult, SyncContext } from './context.js';
import { finish } from './finish.js';
import { JobLease } from './lease.js';
import { count, startAnew, startReading } from './query.js';
import { readSegments } from './read.js';

export type Advanced =
  /** The job has ended, now or before. */
  | { readonly state: 'done'; readonly job: SyncJob }
  /** The deadline came first: another slice goes on from here. */
  | { readonly state: 'more'; readonly job: SyncJob }
  /** Another worker is at it. */
  | { readonly state: 'busy' };

/**
 * Works on a job until it has ended or the deadline (epoch milliseconds) is near. Everything
 * that takes a run forward goes through here: what a call, a worker, the schedule and a
 * command line differ in is the deadline that they pass. A job can be advanced after a crash
 * at any point, by anybody.
 *
 * A failure that does not pass ends the job as failed; only failures to record that are thrown.
 * @param options.onlyIfLeft leave a job alone that nobody has begun: its starter is about to
 * @throws AppError MONGODB_*, SYNC_SUPERSEDED
 */
export async function advance(
  context: SyncContext,
  jobId: Types.ObjectId,
  deadline: number,
  { onlyIfLeft = false } = {},
): Promise<Advanced> {
  const lease = await JobLease.take(context, jobId, { onlyIfLeft });
  if (!lease) return whyNotMine(context, jobId);
  try {
    while (lease.job.active) {
      if (context.clock.now() >= deadline) break;
      const result = await step(context, lease, deadline);
      if (result === 'pause') break;
    }
    return { state: lease.job.active ? 'more' : 'done', job: lease.job };
  } finally {
    await lease.release();
  }
}

async function step(context: SyncContext, lease: JobLease, deadline: number): Promise<StepResult> {
  try {
    return await runPhase({
      context,
      lease,
      table: context.tables.get(lease.job.tableId),
      deadline,
    });
  } catch (thrown) {
    const error = toAppError(thrown);
    if (lease.signal.aborted || error.code === 'SYNC_SUPERSEDED') {
      throw new AppError('SYNC_SUPERSEDED', undefined, { cause: error });
    }
    if (error.code === 'OUT_OF_TIME') return 'pause';
    if (error.code === 'LAKE_RESULT_LOST' && (await startAnew(lease))) return 'next';
    context.log.error({ err: error, jobId: String(lease.job._id) }, 'sync failed');
    await finish(context, lease, toStoredError(error));
    return 'next';
  }
}

async function runPhase(step: Step): Promise<StepResult> {
  switch (step.lease.job.phase) {
    case 'counting':
      return count(step);
    case 'querying':
      return startReading(step);
    case 'reading':
      return readSegments(step);
    case 'finishing':
    case 'ended':
      await finish(step.context, step.lease);
      return 'next';
  }
}

async function whyNotMine(context: SyncContext, jobId: Types.ObjectId): Promise<Advanced> {
  const job = await context.models.jobs.findById(jobId).lean<SyncJob>();
  if (!job) throw new AppError('JOB_NOT_FOUND');
  return job.active ? { state: 'busy' } : { state: 'done', job };
}
