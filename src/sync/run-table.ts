import { Types } from 'mongoose';
import { toAppError } from '../errors/app-error.js';
import { storedError } from '../errors/error-fields.js';
import type { SyncJob } from '../models/sync-job.js';
import { advance } from './advance.js';
import type { SyncContext } from './context.js';
import { dispatch, type SendOrder } from './dispatch.js';
import { watchSchedule } from './schedule-watch.js';
import { type StartRequest, startJob } from './start.js';
import type { Advanced } from './step.js';

/** How a run ends that was planned by what no longer holds, or by another tenant's site. */
const ENDED_FOR_ITS_FACTS: readonly unknown[] = ['RUN_OUTDATED', 'SOURCE_CHANGED'];
/** Left for an order at least, in milliseconds, though the slice before it took its time. */
const ORDER_MS = 5_000;
const CHECKS = 10;
const CHECK_MS = 200;

export interface RunResult {
  readonly job: SyncJob;
  /** The run had been left by another worker, and went on. */
  readonly resumed: boolean;
  /** A background worker goes on with it. */
  readonly handedOn: boolean;
}

/** Times are epoch milliseconds. */
interface Limits {
  /** Until then the caller waits for the end; then a worker takes over. */
  readonly waitDeadline: number;
  /** Where there is no worker, the work goes on here until then. */
  readonly requestDeadline: number;
  /** Told as soon as a run has been started, before anything of it is done. */
  readonly onStart?: (job: SyncJob) => Promise<void>;
}

/**
 * Starts a run of a table and works on it for a while; what is left goes to a background
 * worker. Where a run was left behind in the middle, that one goes on instead: a table has
 * one at a time.
 * @throws what startJob and advance throw; SYNC_RUNNING while another worker is at it
 */
export async function runTable(
  context: SyncContext,
  request: StartRequest,
  send: SendOrder,
  limits: Limits,
): Promise<RunResult> {
  const started = await startJob(context, request, 'api').catch((error) => toAppError(error));
  await watchSchedule(context, false);
  if (!(started instanceof Error)) {
    await limits.onStart?.(started);
    const advanced = await advance(context, started._id, limits.waitDeadline).catch((error) =>
      overtaken(context, started, error),
    );
    const ended = await withRecordedEnd(context, advanced, limits);
    return { ...(await handOn(context, send, ended, limits)), resumed: false };
  }
  const runningId = started.code === 'SYNC_RUNNING' && started.details[0]?.jobId;
  if (typeof runningId !== 'string') throw started;
  const advanced = await goOnIfLeft(context, new Types.ObjectId(runningId), limits);
  if (advanced.state === 'busy') throw started;
  // What the run that was left had been planned by no longer holds: the request has its own run.
  if (advanced.state === 'done' && isOutdated(advanced.job)) {
    return runTable(context, request, send, limits);
  }
  return { ...(await handOn(context, send, advanced, limits)), resumed: true };
}

/**
 * Takes up a run that the caller has started by an earlier request, or finds it under way or ended.
 * @throws what advance throws
 */
export async function rejoinRun(
  context: SyncContext,
  jobId: Types.ObjectId,
  send: SendOrder,
  limits: Limits,
): Promise<RunResult> {
  const advanced = await goOnIfLeft(context, jobId, limits);
  return { ...(await handOn(context, send, advanced, limits)), resumed: false };
}

async function goOnIfLeft(
  context: SyncContext,
  jobId: Types.ObjectId,
  limits: Limits,
): Promise<Advanced> {
  const found = await advance(context, jobId, limits.waitDeadline, { onlyIfLeft: true });
  return withRecordedEnd(context, found, limits);
}

/**
 * A run that has come to its end has it recorded now, however short the caller's wait: that takes
 * no call of the lake, and until then the table can't have another run.
 */
async function withRecordedEnd(
  context: SyncContext,
  found: Advanced,
  { requestDeadline }: Limits,
): Promise<Advanced> {
  const { state, job } = found;
  const isDecided = state === 'more' && job.phase === 'finishing' && !job.finishing;
  return isDecided ? advance(context, job._id, requestDeadline) : found;
}

function isOutdated(job: SyncJob): boolean {
  return ENDED_FOR_ITS_FACTS.includes(storedError(job)?.code);
}

/** The run was canceled, or another worker took over: what became of it is the answer. */
async function overtaken(
  context: SyncContext,
  { _id }: SyncJob,
  error: unknown,
): Promise<Advanced> {
  if (toAppError(error).code !== 'SYNC_SUPERSEDED') throw error;
  for (let attempt = 1; ; attempt++) {
    const job = await context.store.jobs.find(_id);
    if (!job) throw error;
    // Whoever canceled it is about to end it.
    if (!job.active || job.phase !== 'finishing' || attempt === CHECKS) {
      return { state: job.active ? 'busy' : 'done', job };
    }
    await context.clock.sleep(CHECK_MS);
  }
}

async function handOn(
  context: SyncContext,
  send: SendOrder,
  { state, job }: Advanced,
  { requestDeadline }: Limits,
): Promise<{ job: SyncJob; handedOn: boolean }> {
  if (state !== 'more') return { job, handedOn: state === 'busy' };
  // It has ended, and that can't be recorded at present: no worker could do that either.
  if (job.finishing) return { job, handedOn: false };
  const orderDeadline = Math.max(requestDeadline, context.clock.now() + ORDER_MS);
  if (await dispatch(context, send, job._id, { orderDeadline })) {
    return { job, handedOn: true };
  }
  return { job: (await advance(context, job._id, requestDeadline)).job, handedOn: false };
}
