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

/** Errors of a run whose frozen facts no longer hold, or that another source's site planned. */
const ENDED_FOR_ITS_FACTS: readonly unknown[] = ['RUN_OUTDATED', 'SOURCE_CHANGED'];
/** Milliseconds that an order gets at least, even if the slice before it took longer than planned. */
const ORDER_MS = 5_000;
const CHECKS = 10;
const CHECK_MS = 200;

export interface RunResult {
  readonly job: SyncJob;
  /** This request resumed a run that another worker had left. */
  readonly resumed: boolean;
  /** A background worker continues it. */
  readonly handedOn: boolean;
}

/** Times are epoch milliseconds. */
interface Limits {
  /** Until then the caller waits for the run's end; then a worker takes over. */
  readonly waitDeadline: number;
  /** If no worker can be started, the request itself works on until then. */
  readonly requestDeadline: number;
  /** Called as soon as a run has been started, before any step of it. */
  readonly onStart?: (job: SyncJob) => Promise<void>;
}

/**
 * Starts a run of a table and works on it until `waitDeadline`; then a background worker continues.
 * If an interrupted run of the table exists, it is resumed instead: a table has one run at a time.
 * @throws what startJob and advance throw; SYNC_RUNNING while another worker has the run
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
  // The interrupted run's frozen facts no longer hold, so it has ended: the request gets its own run.
  if (advanced.state === 'done' && isOutdated(advanced.job)) {
    return runTable(context, request, send, limits);
  }
  return { ...(await handOn(context, send, advanced, limits)), resumed: true };
}

/**
 * Resumes a run that an earlier request of the caller has started, or finds it under way or ended.
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
 * Records the end of a run that has reached it, however short the caller's wait: that needs no lake
 * call, and until it is recorded the table can't have another run.
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

/** The run was canceled, or another worker took over: answers with its present state. */
async function overtaken(
  context: SyncContext,
  { _id }: SyncJob,
  error: unknown,
): Promise<Advanced> {
  if (toAppError(error).code !== 'SYNC_SUPERSEDED') throw error;
  for (let attempt = 1; ; attempt++) {
    const job = await context.store.jobs.find(_id);
    if (!job) throw error;
    // The request that canceled it is about to end it.
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
  // The run's end can't be recorded at present; a worker couldn't do it either.
  if (job.finishing) return { job, handedOn: false };
  const orderDeadline = Math.max(requestDeadline, context.clock.now() + ORDER_MS);
  if (await dispatch(context, send, job._id, { orderDeadline })) {
    return { job, handedOn: true };
  }
  return { job: (await advance(context, job._id, requestDeadline)).job, handedOn: false };
}
