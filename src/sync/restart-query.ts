import type { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { SyncJob } from '../models/sync-job.js';
import type { JobUpdate } from '../store/job-leases.js';
import type { JobSession } from './job-session.js';

/** Queries that a run may send for one result, including those for lost results; then it fails. */
const MAX_QUERIES = 4;

/** Clears what the job has about a query's result and the reading of it. */
export const NO_RESULT = {
  query: undefined,
  partRecounted: undefined,
  segments: [],
  startOffset: 0,
  inherited: undefined,
  carried: undefined,
  stated: undefined,
  told: undefined,
} as const satisfies JobUpdate;

/**
 * Restarts the query after a failure that another result may not have.
 * @returns false for any other failure, or if that has been tried already
 */
export async function restartAfter(error: AppError, session: JobSession): Promise<boolean> {
  if (isLost(error, session.job) && (await restartQuery(session))) return true;
  if (await restartDoubted(session, error)) return true;
  return error.code === 'LAKE_RESULT_UNPROVEN' && (await restartContradicted(session));
}

/** A lost result; any lake error of an inherited query counts as one, since it can be sent again. */
function isLost({ code }: AppError, { inherited, phase }: SyncJob): boolean {
  const isItsQuery = phase === 'querying' || phase === 'reading';
  return (
    code === 'LAKE_RESULT_LOST' || (inherited === true && isItsQuery && code.startsWith('LAKE_'))
  );
}

/**
 * Restarts the present phase's query after its result was lost. Everything that counted its rows
 * starts at zero; rows that were written already will be found unchanged.
 * @returns false if that has been tried often enough
 */
async function restartQuery(session: JobSession): Promise<boolean> {
  const { job } = session;
  if (job.queryAttempts >= MAX_QUERIES) return false;
  const queryAttempts = job.queryAttempts + 1;
  switch (job.phase) {
    case 'learning':
      await session.save({ probeQuery: undefined, queryAttempts });
      return true;
    case 'counting':
      await session.save({ countQuery: undefined, queryAttempts });
      return true;
    case 'proving':
      await session.save({ probeQuery: undefined, recountQuery: undefined, queryAttempts });
      return true;
    case 'listing':
    case 'locating':
      await session.save({ ...fromNewListing(job), probeQuery: undefined, queryAttempts });
      return true;
    case 'comparing':
      await session.save({ probeQuery: undefined, ...NOT_COMPARED, queryAttempts });
      return true;
    case 'confirming':
    case 'certifying':
      await session.save({ probeQuery: undefined, queryAttempts });
      return true;
    default:
      await session.save({ ...fromTheBeginning(job), phase: 'querying' });
      return true;
  }
}

/** Clears the progress of the content comparison, which belongs to one result. */
const NOT_COMPARED = {
  'reconcile.comparedRows': undefined,
  'reconcile.comparedKeySum': undefined,
  'reconcile.comparedOddKeys': undefined,
};

/** Phases in which the run has read its rows and compares. */
const COMPARING: readonly SyncJob['phase'][] = [
  'listing',
  'locating',
  'comparing',
  'confirming',
  'certifying',
];

/** Errors that a lake may return for one query and not for the next. */
const DOUBTED: readonly ErrorCode[] = ['LAKE_QUERY_CANCELED', 'LAKE_REFUSED', 'LAKE_BAD_ANSWER'];

/** Whether the error may be spurious, so that the query is sent again once per run. */
export function isDoubted(code: ErrorCode): boolean {
  return DOUBTED.includes(code);
}

/**
 * Restarts, once per run, a query that was canceled elsewhere, or whose answer was refused or can't
 * be read.
 * @returns false if that has been tried, or for any other failure
 */
async function restartDoubted(session: JobSession, { code }: AppError): Promise<boolean> {
  if (session.job.doubted || !isDoubted(code)) return false;
  await session.save({ doubted: true });
  return restartQuery(session);
}

/**
 * Restarts the run, once, with a new count and a new query after a contradiction.
 * @returns false after the second contradiction
 */
export async function restartContradicted(session: JobSession): Promise<boolean> {
  const { job } = session;
  const contradictions = (job.contradictions ?? 0) + 1;
  if (contradictions > 1) return false;
  if (COMPARING.includes(job.phase)) {
    await session.save({
      contradictions,
      probeQuery: undefined,
      ...(job.phase === 'comparing' && NOT_COMPARED),
    });
    return true;
  }
  await session.save({
    ...fromTheBeginning(job),
    contradictions,
    queryAttempts: 0,
    // In a busy table the count before the first query says little about the second one.
    countQuery: undefined,
    recountQuery: undefined,
    recounted: undefined,
    split: undefined,
    phase: 'counting',
  });
  return true;
}

/** A comparison belongs to one listing: a new listing is compared from its beginning. */
function fromNewListing({ phase }: SyncJob): JobUpdate {
  // The listing has been read; only the rows of some ranges are queried again.
  if (phase === 'locating') return {};
  return { 'reconcile.listingQuery': undefined, 'reconcile.position': undefined };
}

/** The job fields that restart the reading; the phase is left to the caller. */
export function fromTheBeginning({ limit, startOffset }: SyncJob): JobUpdate {
  // Rows that an earlier run had read don't count against the limit a second time.
  const rows = limit.rows > 0 ? limit.rows + startOffset : 0;
  return { ...NO_RESULT, 'limit.rows': rows };
}
