import type { Types } from 'mongoose';
import { AppError, isQuotaRefusal, toAppError } from '../errors/app-error.js';
import { errorFields } from '../errors/error-fields.js';
import { withLogFields } from '../log.js';
import { noRows } from '../models/row-counts.js';
import type { JobPhase, SyncJob } from '../models/sync-job.js';
import { isQuotaOver, isStuck } from './bounds.js';
import type { SyncContext } from './context.js';
import { count } from './count.js';
import { checkFacts } from './facts.js';
import { finishOrRest } from './finish.js';
import { isRead } from './free-lease.js';
import { leaveNoQuery } from './lake-query.js';
import { learn } from './learn.js';
import { Lease, type TakeOptions } from './lease.js';
import { prove } from './prove.js';
import { restartContradicted, restartDoubted, restartQuery, startReading } from './query.js';
import { readSegment } from './read.js';
import { logSlice } from './slice-log.js';
import type { Advanced, SliceMemory, Step, StepResult, Turn } from './step.js';

export interface AdvanceOptions extends TakeOptions {
  /** Where jobs take turns: this one's. */
  readonly turn?: Turn;
  /** Told once by the worker that has planned the job: now others can help to read it. */
  readonly onReading?: (job: SyncJob) => Promise<void>;
}

/** What a quota gives back is back after this time, where the lake doesn't say when. */
const QUOTA_WAIT_MS = 15_000;

/**
 * Works on a job until it has ended or the deadline (epoch milliseconds) is near. Everything
 * that takes a run forward goes through here: what a call, a worker, the schedule and a
 * command line differ in is the deadline that they pass. A job can be advanced after a crash
 * at any point, by anybody, and by several at a time.
 *
 * A failure that does not pass ends the job as failed; only failures to record that are thrown.
 * @throws AppError MONGODB_*, SYNC_SUPERSEDED, JOB_NOT_FOUND
 */
export function advance(
  context: SyncContext,
  jobId: Types.ObjectId,
  deadline: number,
  options: AdvanceOptions = {},
): Promise<Advanced> {
  const memory: SliceMemory = { inHand: new Map(), counts: noRows() };
  const slice = {
    counts: () => memory.counts,
    work: (began: (job: SyncJob) => void) =>
      workUntil(context, jobId, deadline, { ...options, memory, began }),
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
  deadline: number,
  options: SliceOptions,
): Promise<Advanced> {
  const { turn = { ends: deadline, waitEnds: deadline }, onlyIfLeft, ordered = false } = options;
  const { memory, began } = options;
  for (let first = true; ; first = false) {
    const found = await Lease.take(context, jobId, {
      ordered,
      onlyIfLeft: first && onlyIfLeft === true,
    });
    if (!found.lease) {
      const { state, job } = found;
      if (state !== 'read') return { state: state === 'ended' ? 'done' : 'busy', job };
      // Whoever read the last page died before it took the job on.
      await endReading(context, job._id);
      continue;
    }
    const { lease } = found;
    began(lease.job);
    let paused = true;
    try {
      const input = { context, lease, deadline, turn, memory };
      const fields = { table: lease.job.tableId };
      paused = (await withLogFields(fields, () => work(input, first))) === 'pause';
    } finally {
      await lease.release(paused);
    }
    if (paused) return { state: 'more', job: lease.job };
    if (lease.path !== 'lease') await endReading(context, lease.job._id);
    else if (lease.job.phase === 'reading') await options.onReading?.(lease.job);
  }
}

/**
 * Goes on as long as the lease is the right one for what is to be done next.
 * @param first of the turn: one step is always made
 */
async function work(input: Omit<Step, 'table'>, first: boolean): Promise<StepResult> {
  const { context, lease, deadline, turn } = input;
  const ofSegment = lease.path !== 'lease';
  if (!(await mayGoOn(input))) return 'next';
  for (let until = first ? deadline : turn.ends; ; until = turn.ends) {
    if (context.clock.now() >= Math.min(until, deadline)) return 'pause';
    if (lease.job.phase === 'finishing') return finishOrRest(context, lease);
    const result = await step({ ...input, table: context.tables.get(lease.job.tableId) });
    if (result === 'pause' || ofSegment || !lease.job.active) return result;
    if (lease.job.phase === 'reading') return 'next';
  }
}

/**
 * A job whose frozen facts no longer hold, or that gets no further, is ended here, and no row is
 * touched.
 */
async function mayGoOn({ context, lease }: Omit<Step, 'table'>): Promise<boolean> {
  const { job } = lease;
  if (job.phase === 'finishing') return true;
  try {
    await checkFacts(context, job);
    if (isStuck(job.sinceProgress, new Date(lease.now()))) throw stuck(job);
    return true;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.retriable) throw error;
    context.log.error({ err: error }, 'run ended before it could go on');
    await lease.save({ phase: 'finishing', ...errorFields(error) });
    return false;
  }
}

function stuck({ sinceProgress, phase }: SyncJob): AppError {
  const message = `taken up ${sinceProgress?.takeUps} times since ${sinceProgress?.from.toISOString()} in phase ${phase}`;
  return new AppError('RUN_STUCK', undefined, { details: [{ message }] });
}

async function step(input: Step): Promise<StepResult> {
  const { context, lease } = input;
  try {
    const result = await runPhase(lease.job.phase, input);
    if (lease.job.sinceProgress?.quotaFrom)
      await lease.note({ 'sinceProgress.quotaFrom': undefined });
    return result;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (lease.signal.aborted || error.code === 'SYNC_SUPERSEDED') {
      throw new AppError('SYNC_SUPERSEDED', undefined, { cause: error });
    }
    if (isQuotaRefusal(error)) return waitForQuota(input, error);
    if (error.code === 'OUT_OF_TIME') return 'pause';
    if (await isSentAgain(error, lease)) {
      context.log.warn({ err: error }, 'the query is sent again');
      return 'next';
    }
    context.log.error({ err: error }, 'sync failed');
    await leaveNoQuery(context, lease.job);
    await lease.save({ phase: 'finishing', ...errorFields(error) });
    return 'next';
  }
}

async function isSentAgain(error: AppError, lease: Lease): Promise<boolean> {
  if (isLost(error, lease.job) && (await restartQuery(lease))) return true;
  if (await restartDoubted(lease, error)) return true;
  return error.code === 'LAKE_RESULT_UNPROVEN' && (await restartContradicted(lease));
}

/** Whatever a lake says against a query that an earlier run has left, the query can be sent again. */
function isLost({ code }: AppError, { inherited, phase }: SyncJob): boolean {
  const isItsQuery = phase === 'querying' || phase === 'reading';
  return (
    code === 'LAKE_RESULT_LOST' || (inherited === true && isItsQuery && code.startsWith('LAKE_'))
  );
}

/** Waiting is all there is to do, for as long as any quota of the lake can last. */
async function waitForQuota(
  { context, lease, deadline, turn }: Step,
  error: AppError,
): Promise<StepResult> {
  const now = new Date(lease.now());
  const { quotaFrom = now } = lease.job.sinceProgress ?? {};
  if (isQuotaOver({ quotaFrom }, now)) {
    const message = `the lake has refused the run's calls since ${quotaFrom.toISOString()}`;
    const over = new AppError('LAKE_QUOTA', undefined, { details: [{ message }] });
    await lease.save({ phase: 'finishing', ...errorFields(over) });
    return 'next';
  }
  await lease.note({ 'sinceProgress.quotaFrom': quotaFrom });
  if (error.code === 'OUT_OF_TIME') return 'pause';
  const until = Math.min(deadline, turn.ends);
  const waitMs = Math.min(error.retryAfterMs ?? QUOTA_WAIT_MS, until - context.clock.now());
  await context.clock.sleep(Math.max(0, waitMs), lease.signal);
  return 'next';
}

async function runPhase(phase: JobPhase, step: Step): Promise<StepResult> {
  switch (phase) {
    case 'learning':
      return learn(step);
    case 'counting':
      return count(step);
    case 'querying':
      return startReading(step);
    case 'reading':
      return readSegment(step);
    case 'proving':
      return prove(step);
    case 'finishing':
    case 'ended':
      return 'next';
  }
}

/** Takes the job on once every segment is done: of those that find that, one does it. */
async function endReading(context: SyncContext, _id: Types.ObjectId): Promise<void> {
  const { jobs } = context.store;
  const job = await jobs.reading(_id);
  if (job && isRead(job)) await jobs.endReading(job);
}
