import { COUNT_COLUMNS, countQuery } from '../datafabric/query-builder.js';
import { readOnlyRow } from '../datafabric/result-pages.js';
import { integerOf } from '../datafabric/result-totals.js';
import type { Row } from '../datafabric/rows.js';
import { splitBySerial } from '../datafabric/serial-split.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { Split } from '../models/reading.js';
import { noRows } from '../models/row-counts.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import { epochMsFloor } from '../rows/date.js';
import { finished, rangeOf, sourceOf, submit } from './lake-query.js';
import type { Step, StepResult } from './step.js';

/**
 * Counts the rows of the run's scope and freezes its ceiling: the newest index time among
 * them. No row: the run has nothing to read.
 */
export async function count(step: Step): Promise<StepResult> {
  const { context, lease, table } = step;
  const counted = await countRows(step);
  if (typeof counted === 'string') return counted;

  const { rows, maxModified, serials, emptyWarehouses } = counted;
  if (hasNewcomer(lease.job, emptyWarehouses)) {
    // Some of its rows may be older than what this run would read.
    const modeReason = 'first_rows_of_warehouse';
    await lease.save({
      mode: 'full',
      modeReason,
      range: {},
      phase: 'learning',
      countQuery: undefined,
    });
    return 'next';
  }
  if (rows === 0) {
    await lease.save({
      phase: 'finishing',
      totalRecords: 0,
      emptyWarehouses,
      proof: { how: 'empty', read: 0, counted: 0 },
    });
    return 'next';
  }
  if (maxModified === undefined) {
    throw badCount(`${table.object}: the lake counted ${rows} rows, but names no index time`);
  }
  await lease.save({
    phase: 'querying',
    totalRecords: rows,
    emptyWarehouses,
    'range.ceiling': maxModified,
    split: splitOf(lease.job, rows, serials, context.sizes.query),
  });
  return 'next';
}

/** A count that fails may be asking for a column that the object does not have, or no longer. */
async function countRows(step: Step): Promise<Counted | StepResult> {
  const { lease } = step;
  try {
    const query = lease.job.countQuery ?? (await submitCount(step));
    return (await readCount(step, query)) ?? 'pause';
  } catch (thrown) {
    const { lakeObject, hasLearned, withoutSerialKey } = lease.job;
    if (toAppError(thrown).code !== 'LAKE_QUERY_FAILED') throw thrown;
    if (lakeObject && !hasLearned) {
      await lease.save({ phase: 'learning', countQuery: undefined });
    } else if (!lakeObject && !withoutSerialKey) {
      await lease.save({ withoutSerialKey: true, countQuery: undefined });
    } else throw thrown;
    return 'next';
  }
}

/** The time is read before: what is indexed while the lake counts is above the watermark. */
async function submitCount(step: Step): Promise<LakeQuery> {
  const { context, lease, table } = step;
  const { now: asOf } = await context.store.jobs.findWithTime(lease.job._id);
  const { filter, range } = rangeOf(lease.job);
  const sql = countQuery(sourceOf(lease.job, table), filter, range, warehousesToLookFor(lease.job));
  return submit(step, 'countQuery', sql, { asOf });
}

/**
 * Counts the rows of the run's own range once more.
 * @param part only those of the present range of a split run
 * @returns undefined where the deadline came first
 */
export async function recount(step: Step, { part = false } = {}): Promise<number | undefined> {
  const { lease, table } = step;
  const { split } = lease.job;
  const { filter, range } = rangeOf(lease.job);
  const whole = { ...range, ...(part ? split?.ranges[split.index] : undefined) };
  const sql = () => countQuery(sourceOf(lease.job, table), filter, whole);
  const query = lease.job.recountQuery ?? (await submit(step, 'recountQuery', sql()));
  return (await readCount(step, query))?.rows;
}

/** Whether a warehouse that had no row at the last full run has some now. */
function hasNewcomer(
  { mode, scope, emptyWarehouses = [] }: SyncJob,
  empty: readonly string[] = [],
) {
  return mode === 'incremental' && scope.own && empty.length < emptyWarehouses.length;
}

/** Only a full run can say that a warehouse has no row at all; another one looks for newcomers. */
function warehousesToLookFor({ mode, scope, emptyWarehouses }: SyncJob): readonly string[] {
  if (scope.date) return [];
  return mode === 'full' ? (scope.whseids ?? []) : (emptyWarehouses ?? []);
}

/** A run with a limit is never that large. */
function splitOf(
  { limit }: SyncJob,
  rows: number,
  serials: readonly [bigint, bigint] | undefined,
  size: number,
): Split | undefined {
  if (rows <= size || limit.rows > 0 || !serials) return undefined;
  const parts = splitBySerial(...serials, Math.ceil(rows / size));
  const ranges = parts.map(({ serialFrom, serialBefore, withNullSerial }) => ({
    ...(serialFrom !== undefined && { serialFrom: String(serialFrom) }),
    ...(serialBefore !== undefined && { serialBefore: String(serialBefore) }),
    ...(withNullSerial && { withNullSerial }),
  }));
  return { ranges, index: 0, counts: noRows() };
}

interface Counted {
  readonly rows: number;
  readonly maxModified?: Date;
  /** The smallest and the largest SERIALKEY. */
  readonly serials?: readonly [bigint, bigint];
  /** Of the warehouses that were looked for: those without a row. */
  readonly emptyWarehouses?: string[];
}

async function readCount(step: Step, query: LakeQuery): Promise<Counted | undefined> {
  const { context, lease, deadline } = step;
  if (!(await finished(step, query))) return undefined;
  const { clock, emptyPagePauseMs, lake } = context;
  const reader = { compass: lake.compass, clock, emptyPagePauseMs };
  const row = await readOnlyRow(reader, query.id, { deadline, signal: lease.signal });
  return countOf(row, warehousesToLookFor(lease.job));
}

/** What a count query says. @throws AppError LAKE_BAD_ANSWER where it gives no number */
export function rowsCounted(row: Row | undefined): number {
  const rows = Number(integerOf(upperNames(row).get(COUNT_COLUMNS.rows) ?? '') ?? Number.NaN);
  if (!Number.isSafeInteger(rows) || rows < 0) throw badCount('the count query gave no number');
  return rows;
}

function upperNames(row: Row = {}): Map<string, unknown> {
  return new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
}

function countOf(row: Row, warehouses: readonly string[]): Counted {
  const byName = upperNames(row);
  const rows = rowsCounted(row);
  const newest = byName.get(COUNT_COLUMNS.maxModified);
  const ms = typeof newest === 'string' ? ceilingMs(newest) : undefined;
  const [min, max] = [COUNT_COLUMNS.minSerial, COUNT_COLUMNS.maxSerial].map((name) =>
    integerOf(byName.get(name) ?? ''),
  );
  const rowsOf = (place: number) =>
    integerOf(byName.get(`${COUNT_COLUMNS.ofWarehouse}${place}`) ?? 0) ?? 0n;
  const empty = warehouses.filter((_, place) => rowsOf(place) === 0n);
  return {
    rows,
    ...(typeof ms === 'number' && { maxModified: new Date(ms) }),
    ...(min !== undefined && max !== undefined && { serials: [min, max] as const }),
    ...(empty.length > 0 && { emptyWarehouses: empty }),
  };
}

/** A lake that leaves the fraction out may mean any time of that second; the query cuts none off. */
function ceilingMs(newest: string): ReturnType<typeof epochMsFloor> {
  const ms = epochMsFloor(newest);
  return typeof ms === 'number' && !newest.includes('.') ? ms + 999 : ms;
}

function badCount(message: string): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message }] });
}
