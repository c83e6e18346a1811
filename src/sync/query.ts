import { dataQuery } from '../datafabric/query-builder.js';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import type { SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';
import type { Step, StepResult, SyncContext } from './context.js';
import { finished, submit } from './lake-query.js';
import type { Lease } from './lease.js';
import { jobCounts, planSegments } from './segments.js';

/** A result that is gone is asked for anew this often; then the run fails. */
const MAX_QUERIES = 4;

const anew = { query: undefined, segments: [], startOffset: 0 };

/** Sends the one query that the run reads, waits for its end, and cuts its result into segments. */
export async function startReading(step: Step): Promise<StepResult> {
  const { context, lease, table } = step;
  const query = lease.job.query ?? (await submit(step, 'query', dataQuery));
  const ended = await finished(step, query);
  if (!ended) return 'pause';

  const { job } = lease;
  const flagged = ended.columns && carriesDeleteFlag(table, ended.columns);
  if (flagged !== undefined && flagged !== job.deleteFlag) {
    // Deleted rows that can't be told from live ones must not be read. Where they can, they
    // must be, unless nothing is stored yet, but by this run, that could have been deleted.
    if (!flagged || (isAtStart(job) && (await othersWrite(context, job)))) {
      await lease.save({
        ...anew,
        phase: 'counting',
        countQuery: undefined,
        split: undefined,
        // Counted without deleted rows, the newest of which may be newer than all others.
        'range.ceiling': undefined,
        deleteFlag: flagged,
      });
      return 'next';
    }
  }
  await lease.save({
    phase: 'reading',
    segments: planSegments(
      job.startOffset,
      Math.ceil(job.totalRecords / (job.split?.ranges.length ?? 1)),
      limitOffset(job),
      context.sizes.segment,
    ),
    ...(flagged && { deleteFlagSeen: true }),
  });
  return 'next';
}

/**
 * The result is no longer there: the query is sent anew, and everything that counted its
 * rows starts at zero. What was written already will be found unchanged.
 * @returns false where that has been tried often enough
 */
export async function startAnew(lease: Lease): Promise<boolean> {
  const { job } = lease;
  if (job.queryAttempts >= MAX_QUERIES) return false;
  if (job.phase === 'counting') {
    await lease.save({ countQuery: undefined, queryAttempts: job.queryAttempts + 1 });
    return true;
  }
  // Rows that an earlier run had read don't count against the limit a second time.
  const rows = job.limit.rows > 0 ? job.limit.rows + job.startOffset : 0;
  await lease.save({ ...anew, phase: 'querying', 'limit.rows': rows });
  return true;
}

/**
 * The next range of a split run, once all segments of the one before are done.
 * @returns undefined where there is none
 */
export function nextRange({ split, segments }: SyncJob) {
  if (!split || split.index + 1 >= split.ranges.length) return undefined;
  return {
    split: { ...split, index: split.index + 1, counts: jobCounts({ split, segments }) },
    segments: [],
    queryAttempts: 0,
    phase: 'querying' as const,
  };
}

/** The offset into the result at which `maxRecords` ends the run. */
function limitOffset({ limit, startOffset }: SyncJob): number | undefined {
  return limit.rows > 0 ? startOffset + limit.rows : undefined;
}

/** Nothing of the run's range has been read yet, neither by it nor by the one it goes on with. */
function isAtStart({ split, startOffset }: SyncJob): boolean {
  return startOffset === 0 && (split?.index ?? 0) === 0;
}

/**
 * Whether there are rows of others, or may be soon: where a run was canceled or failed, one of
 * its workers may be frozen with a page in hand, which it writes when it wakes up.
 */
export async function othersWrite(
  context: SyncContext,
  { _id, tableId }: SyncJob,
): Promise<boolean> {
  const rows = native(context.models.rows(tableId));
  const jobs = native(context.models.jobs);
  const exists = { $exists: true };
  const ended = { tableId, _id: { $ne: _id }, query: exists, error: exists };
  const only = { projection: { _id: 1 } };
  return (
    (await withRetry(() => rows.findOne({}, only), context)) !== null ||
    (await withRetry(() => jobs.findOne(ended, only), context)) !== null
  );
}

function carriesDeleteFlag(table: TableDefinition, columns: readonly string[]): boolean {
  return columns.some((name) => table.columns[name.toUpperCase()] === 'deleteFlag');
}
