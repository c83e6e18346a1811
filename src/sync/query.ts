import {
  COUNT_COLUMNS,
  countQuery,
  dataQuery,
  type QuerySource,
} from '../datafabric/query-builder.js';
import type { Row } from '../datafabric/rows.js';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { AppError } from '../errors/app-error.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import { epochMsFloor } from '../tables/date.js';
import type { TableDefinition } from '../tables/table.js';
import type { Step, StepResult, SyncContext } from './context.js';
import type { Lease } from './lease.js';
import { planSegments } from './segments.js';

/** A result that is gone is asked for anew this often; then the run fails. */
const MAX_QUERIES = 4;

/**
 * Counts the rows of the run's scope and freezes its ceiling: the newest index time among
 * them. No row: the run has nothing to read.
 */
export async function count(step: Step): Promise<StepResult> {
  const { context, lease, table } = step;
  const { compass } = context.lake;
  const query = lease.job.countQuery ?? (await submit(step, 'countQuery', countQuery));
  if (!(await finished(step, query))) return 'pause';

  const limits = { deadline: step.deadline, signal: lease.signal };
  const [row] = await compass.page(query.id, { offset: 0, limit: 10, ...limits });
  const { rows, maxModified } = readCount(row);
  if (rows === 0) {
    await lease.save({ phase: 'finishing', totalRecords: 0 });
    return 'next';
  }
  if (maxModified === undefined) {
    throw badCount(`${table.object}: the lake counted ${rows} rows, but names no index time`);
  }
  await lease.save({ phase: 'querying', totalRecords: rows, 'range.ceiling': maxModified });
  return 'next';
}

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
    // must be, unless nothing is stored yet that could have been deleted since.
    if (!flagged || (await hasRows(context, table))) {
      await lease.save({ ...anew, phase: 'counting', countQuery: undefined, deleteFlag: flagged });
      return 'next';
    }
  }
  await lease.save({
    phase: 'reading',
    segments: planSegments(job.startOffset, job.totalRecords, limitOffset(job)),
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

const anew = { query: undefined, segments: [], startOffset: 0 };

/** The offset into the result at which `maxRecords` ends the run. */
function limitOffset({ limit, startOffset }: SyncJob): number | undefined {
  return limit.rows > 0 ? startOffset + limit.rows : undefined;
}

async function submit(
  { context, lease, table, deadline }: Step,
  field: 'countQuery' | 'query',
  build: typeof dataQuery,
): Promise<LakeQuery> {
  const { job } = lease;
  const source: QuerySource = {
    object: table.object,
    serialKey: 'SERIALKEY',
    deleteFlag: job.deleteFlag,
  };
  const { whseids, date } = job.scope;
  const range = { modifiedFrom: job.range.from, modifiedTo: job.range.ceiling };
  const sql = build(source, { whseids, date }, range);
  const id = await context.lake.compass.submit(sql, { deadline, signal: lease.signal });
  const query = { id, sql, submittedAt: new Date(context.clock.now()) };
  const attempts = field === 'query' ? { queryAttempts: job.queryAttempts + 1 } : {};
  await lease.save({ [field]: query, ...attempts });
  return query;
}

/** @returns undefined where the deadline came first: the next slice goes on waiting */
async function finished({ context, lease, deadline }: Step, query: LakeQuery) {
  const ended = await context.lake.compass.waitUntilEnded(query.id, {
    submittedAt: query.submittedAt.getTime(),
    deadline,
    signal: lease.signal,
  });
  return ended.state === 'finished' ? ended : undefined;
}

async function hasRows(context: SyncContext, { tableId }: TableDefinition): Promise<boolean> {
  const rows = native(context.models.rows(tableId));
  return (await withRetry(() => rows.findOne({}, { projection: { _id: 1 } }), context)) !== null;
}

function carriesDeleteFlag(table: TableDefinition, columns: readonly string[]): boolean {
  return columns.some((name) => table.columns[name.toUpperCase()] === 'deleteFlag');
}

function readCount(row: Row | undefined): { rows: number; maxModified?: Date } {
  const byName = new Map(Object.entries(row ?? {}).map(([k, v]) => [k.toUpperCase(), v]));
  const rows = Number(byName.get(COUNT_COLUMNS.rows) ?? Number.NaN);
  if (!Number.isSafeInteger(rows) || rows < 0) throw badCount('the count query gave no number');
  const newest = byName.get(COUNT_COLUMNS.maxModified);
  const ms = typeof newest === 'string' ? epochMsFloor(newest) : undefined;
  return typeof ms === 'number' ? { rows, maxModified: new Date(ms) } : { rows };
}

function badCount(message: string): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message }] });
}
