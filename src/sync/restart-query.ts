import type { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { SyncJob } from '../models/sync-job.js';
import type { JobUpdate } from '../store/job-leases.js';
import type { JobSession } from './job-session.js';

/** A result that is gone is asked for again this often; then the run fails. */
const MAX_QUERIES = 4;

/** What is known of a query's result, and of what was read of it. */
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
 * Sends the query again where another result may be whole.
 * @returns false where the failure is another one, or that has been tried
 */
export async function restartAfter(error: AppError, session: JobSession): Promise<boolean> {
  if (isLost(error, session.job) && (await restartQuery(session))) return true;
  if (await restartDoubted(session, error)) return true;
  return error.code === 'LAKE_RESULT_UNPROVEN' && (await restartContradicted(session));
}

/** Whatever a lake says against a query that an earlier run has left, the query can be sent again. */
function isLost({ code }: AppError, { inherited, phase }: SyncJob): boolean {
  const isItsQuery = phase === 'querying' || phase === 'reading';
  return (
    code === 'LAKE_RESULT_LOST' || (inherited === true && isItsQuery && code.startsWith('LAKE_'))
  );
}

/**
 * The result is no longer there: the query is sent again, and everything that counted its
 * rows starts at zero. What was written already will be found unchanged.
 * @returns false where that has been tried often enough
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

/** Nothing of another result has been compared. */
const NOT_COMPARED = {
  'reconcile.comparedRows': undefined,
  'reconcile.comparedKeySum': undefined,
  'reconcile.comparedOddKeys': undefined,
};

/** Phases in which the run has read its rows, and compares. */
const COMPARING: readonly SyncJob['phase'][] = [
  'listing',
  'locating',
  'comparing',
  'confirming',
  'certifying',
];

/** What a lake may say of a query by mistake, and of the next one not. */
const DOUBTED: readonly ErrorCode[] = ['LAKE_QUERY_CANCELED', 'LAKE_REFUSED', 'LAKE_BAD_ANSWER'];

/** Whether the lake may have said so by mistake, so that the query is sent again once a run. */
export function isDoubted(code: ErrorCode): boolean {
  return DOUBTED.includes(code);
}

/**
 * A query that somebody else has ended, or whose answer was refused or can't be read, is sent
 * again once a run.
 * @returns false where that has been tried, or the failure is another one
 */
async function restartDoubted(session: JobSession, { code }: AppError): Promise<boolean> {
  if (session.job.doubted || !isDoubted(code)) return false;
  await session.save({ doubted: true });
  return restartQuery(session);
}

/**
 * The lake's statements about the result contradict each other, or what came of it. A new count and
 * a new query settle that once.
 * @returns false where it didn't
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
    // In a busy table the count from before the first query says little about the second one.
    countQuery: undefined,
    recountQuery: undefined,
    recounted: undefined,
    split: undefined,
    phase: 'counting',
  });
  return true;
}

/** A comparison belongs to one listing: another one is compared from its beginning. */
function fromNewListing({ phase }: SyncJob): JobUpdate {
  // Rows of some ranges are asked for again; the listing was read.
  if (phase === 'locating') return {};
  return { 'reconcile.listingQuery': undefined, 'reconcile.position': undefined };
}

export function fromTheBeginning({ limit, startOffset }: SyncJob): JobUpdate {
  // Rows that an earlier run had read don't count against the limit a second time.
  const rows = limit.rows > 0 ? limit.rows + startOffset : 0;
  return { ...NO_RESULT, 'limit.rows': rows };
}
