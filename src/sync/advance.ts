import type { Types } from 'mongoose';
import { AppError, toAppError } from '../errors/app-error.js';
import { errorFields } from '../errors/error-fields.js';
import { withLogFields } from '../log.js';
import { noRows } from '../models/row-counts.js';
import type { SyncJob } from '../models/sync-job.js';
import { isStuck } from './bounds.js';
import type { SyncContext } from './context.js';
import { checkFacts } from './facts.js';
import { finishOrRest } from './finish.js';
import { isRead } from './free-lease.js';
import { JobSession } from './job-session.js';
import { type ClaimOptions, Lease } from './lease.js';
import { runPhase } from './run-phase.js';
import { logSlice } from './slice-log.js';
import type { Advanced, SliceMemory, Step, StepResult, Turn } from './step.js';
import { withUsage } from './usage.js';

export interface AdvanceOptions extends ClaimOptions {
  /** This job's turn, where several jobs share a pass. */
  readonly turn?: Turn;
  /** Called by the worker that brings the job to reading: from then on others can read segments. */
  readonly onReading?: (job: SyncJob) => Promise<void>;
}

/**
 * Works on a job until it has ended or the slice's deadline (epoch milliseconds) is near. Requests,
 * workers, the schedule and the command line all advance a run through this function; they differ
 * only in the deadline that they pass. A job can be advanced after a crash at any point, by any
 * worker, and by several at a time.
 *
 * A failure that is not transient ends the job as failed; only failures to record that are thrown.
 * @throws AppError MONGODB_*, SYNC_SUPERSEDED, JOB_NOT_FOUND
 */
export function advance(
  context: SyncContext,
  jobId: Types.ObjectId,
  sliceDeadline: number,
  options: AdvanceOptions = {},
): Promise<Advanced> {
  const memory: SliceMemory = { inHand: new Map(), counts: noRows(), lakeQueries: 0 };
  const slice = {
    counts: () => memory.counts,
    work: (began: (job: SyncJob) => void) =>
      withUsage(context, memory, (noteJob) => {
        const started = (job: SyncJob) => {
          noteJob(job);
          began(job);
        };
        return workUntil(context, jobId, sliceDeadline, { ...options, memory, began: started });
      }),
  };
  const fields = { jobId: String(jobId) };
  return withLogFields(fields, () => logSlice(context, slice), context.log);
}

interface SliceOptions extends AdvanceOptions {
  readonly memory: SliceMemory;
  readonly began: (job: SyncJob) => void;
}

async function workUntil(
  context: SyncContext,
  jobId: Types.ObjectId,
  sliceDeadline: number,
  options: SliceOptions,
): Promise<Advanced> {
  const {
    turn = { ends: sliceDeadline, waitEnds: sliceDeadline },
    onlyIfLeft,
    ordered = false,
  } = options;
  const { memory, began } = options;
  for (let first = true; ; first = false) {
    const found = await Lease.claim(context, jobId, {
      ordered,
      onlyIfLeft: first && onlyIfLeft === true,
    });
    if (!found.lease) {
      const { state, job } = found;
      if (state !== 'read') return { state: state === 'ended' ? 'done' : 'busy', job };
      // The worker that read the last page died before it moved the job to its next phase.
      await endReading(context, job._id);
      continue;
    }
    const { lease } = found;
    const session = new JobSession(context, lease, found.job);
    began(session.job);
    let paused = true;
    try {
      const input = { context, session, sliceDeadline, turn, memory };
      const fields = { table: session.job.tableId };
      paused = (await withLogFields(fields, () => work(input, first))) === 'pause';
    } finally {
      await lease.release(paused);
    }
    if (paused) return { state: 'more', job: session.job };
    if (lease.path !== 'lease') await endReading(context, session.job._id);
    else if (session.job.phase === 'reading') await options.onReading?.(session.job);
  }
}

/**
 * Makes steps as long as the lease is the one that the next step needs.
 * @param first this is the turn's first lease: one step is made even if the turn has ended
 */
async function work(input: Omit<Step, 'table'>, first: boolean): Promise<StepResult> {
  const { context, session, sliceDeadline, turn } = input;
  const ofSegment = session.lease.path !== 'lease';
  if (!(await mayGoOn(input))) return 'next';
  for (let until = first ? sliceDeadline : turn.ends; ; until = turn.ends) {
    if (context.clock.now() >= Math.min(until, sliceDeadline)) return 'pause';
    if (session.job.phase === 'finishing') return finishOrRest(context, session);
    const result = await runPhase({ ...input, table: context.tables.get(session.job.tableId) });
    if (result === 'pause' || ofSegment || !session.job.active) return result;
    if (session.job.phase === 'reading') return 'next';
  }
}

/**
 * Ends a job whose frozen facts no longer hold, or that makes no progress, before it writes a row.
 * @returns whether the job may continue
 */
async function mayGoOn({ context, session }: Omit<Step, 'table'>): Promise<boolean> {
  const { job } = session;
  if (job.phase === 'finishing') return true;
  try {
    await checkFacts(context, job);
    if (isStuck(job.sinceProgress, new Date(session.now()))) throw stuck(job);
    return true;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.retriable) throw error;
    context.log.error({ err: error }, 'run ended before it could continue');
    await session.save({ phase: 'finishing', ...errorFields(error) });
    return false;
  }
}

function stuck({ sinceProgress, phase }: SyncJob): AppError {
  const message = `claimed ${sinceProgress?.takeUps} times since ${sinceProgress?.from.toISOString()} in phase ${phase} without progress`;
  return new AppError('RUN_STUCK', undefined, { details: [{ message }] });
}

/** Moves the job to its next phase once every segment is done; of several callers, one succeeds. */
async function endReading(context: SyncContext, _id: Types.ObjectId): Promise<void> {
  const { jobs } = context.store;
  const job = await jobs.reading(_id);
  if (job && isRead(job)) await jobs.endReading(job);
}
