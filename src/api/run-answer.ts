import type { Types } from 'mongoose';
import { toAppError } from '../errors/app-error.js';
import { asAppError, storedError } from '../errors/error-fields.js';
import { AnsweredError } from '../http/answered-error.js';
import type { Answer } from '../http/endpoint.js';
import { jobStatusUrl } from '../http/job-status-url.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from '../sync/context.js';
import type { SendOrder } from '../sync/dispatch.js';
import { type RunResult, rejoinRun, runTable } from '../sync/run-table.js';
import type { StartRequest } from '../sync/start.js';
import { statsView } from './job-view.js';
import { RunInterrupted } from './run-interrupted.js';

/** Seconds that a request waits for the end of its run before a worker takes over. */
export const DEFAULT_WAIT_S = 20;
/** A synchronous function ends after 60 s; the last page and the answer need their time. */
export const LONGEST_WAIT_S = 45;

/** Seconds after which the state of a run that is under way is worth another look. */
const POLL_S = 5;

/** How a caller's run is worked on. */
interface Caller {
  readonly send: SendOrder;
  /** Epoch milliseconds at which the request came. */
  readonly began: number;
  /** Seconds that it waits for the end. */
  readonly wait: number;
  /** Told before the work: the time of the function may end in the middle of it. */
  readonly onStart: (job: SyncJob) => Promise<void>;
}

/**
 * Starts a run for a request, and works on it for as long as its caller waits.
 * @throws AppError what `runTable` throws; RunInterrupted with the ids of a run that had begun
 */
export async function runForCaller(
  context: SyncContext,
  request: StartRequest,
  { send, began, wait, onStart }: Caller,
): Promise<RunResult> {
  const begun: { job?: SyncJob } = {};
  return runTable(context, request, send, {
    ...deadlines(began, wait),
    onStart: (job) => {
      begun.job = job;
      return onStart(job);
    },
  }).catch((error) => {
    throw begun.job ? interrupted(error, begun.job) : error;
  });
}

/**
 * The run that an earlier request of the caller's has started, taken up if nobody works on it.
 * @returns undefined if it has started none
 * @throws AppError what `rejoinRun` throws, as RunInterrupted
 */
export async function rejoinForCaller(
  context: SyncContext,
  jobId: Types.ObjectId,
  { send, began, wait }: Pick<Caller, 'send' | 'began' | 'wait'>,
): Promise<RunResult | undefined> {
  const job = await context.store.jobs.findStarted(jobId);
  if (!job) return undefined;
  return rejoinRun(context, jobId, send, deadlines(began, wait)).catch((error) => {
    throw interrupted(error, job);
  });
}

function deadlines(began: number, wait: number) {
  return { waitDeadline: began + wait * 1000, requestDeadline: began + LONGEST_WAIT_S * 1000 };
}

/** With what the caller, and who reads the log, can follow the run by. */
function interrupted(error: unknown, job: SyncJob): RunInterrupted {
  return new RunInterrupted(toAppError(error), idsOf(job));
}

/**
 * What a caller is told of his run.
 * @throws AnsweredError with the fields of the answer where the run has failed
 */
export function runAnswer({ job, resumed, handedOn }: RunResult): Answer & { body: object } {
  const answer = { ...jobAnswer(job), ...(resumed && { resumed }) };
  const error = storedError(job);
  if (error) throw new AnsweredError(asAppError(error), answer);
  if (job.active) {
    const headers = { Location: answer.statusUrl, 'Retry-After': String(POLL_S) };
    return { status: 202, headers, body: { ...underWay(job, handedOn), ...answer } };
  }
  return { body: { message: messageOf(job, resumed), ...answer } };
}

function idsOf({ _id, historyId, tableId }: SyncJob) {
  return { jobId: String(_id), historyId: String(historyId), tableId };
}

function jobAnswer(job: SyncJob) {
  const { _id, status, outcome, mode, warnings } = job;
  return {
    ...idsOf(job),
    status,
    ...(outcome && { outcome }),
    mode,
    statusUrl: jobStatusUrl(String(_id)),
    stats: statsView(job),
    ...(job.proof && { proof: job.proof }),
    ...(job.reconcile?.result && { reconcile: job.reconcile.result }),
    warnings,
  };
}

function underWay(job: SyncJob, handedOn: boolean): { message: string } {
  const what = `Sync of ${job.tableName}`;
  if (job.finishing) {
    return { message: `${what} has ended, but that cannot be recorded; the schedule tries again` };
  }
  const how = handedOn ? '' : ' but no worker could be started; ask again to go on';
  return { message: `${what} is under way${how}` };
}

function messageOf(job: SyncJob, resumed: boolean): string {
  const what = `Sync of ${job.tableName} completed`;
  const how = resumed ? ' (an interrupted run went on)' : '';
  switch (job.outcome) {
    case 'nothing_new':
      return `${what}: nothing new${how}`;
    case 'partial':
      return `${what} in part: maxRecords was reached${how}`;
    case 'with_rejects':
      return `${what}, with rejected rows${how}`;
    default:
      return `${what}${how}`;
  }
}
