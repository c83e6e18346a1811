import { COUNT_COLUMNS, countQuery } from '../datafabric/query-builder.js';
import type { Row } from '../datafabric/rows.js';
import { splitBySerial } from '../datafabric/serial-split.js';
import { AppError } from '../errors/app-error.js';
import type { Split, SyncJob } from '../models/sync-job.js';
import { epochMsFloor } from '../tables/date.js';
import type { Step, StepResult } from './context.js';
import { finished, submit } from './lake-query.js';
import { othersWrite } from './query.js';
import { noRows } from './segments.js';

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
  const { rows, maxModified, serials } = readCount(row);
  if (rows === 0) {
    const phase = (await mayHideDeletes(step)) ? 'querying' : 'finishing';
    await lease.save({ phase, totalRecords: 0 });
    return 'next';
  }
  if (maxModified === undefined) {
    throw badCount(`${table.object}: the lake counted ${rows} rows, but names no index time`);
  }
  await lease.save({
    phase: 'querying',
    totalRecords: rows,
    'range.ceiling': maxModified,
    split: splitOf(lease.job, rows, serials, context.sizes.query),
  });
  return 'next';
}

/**
 * No live row does not mean that there is nothing to do where rows are stored and nobody has
 * seen yet whether the object tells deletes: the columns of the empty result say so.
 */
async function mayHideDeletes({ context, lease }: Step): Promise<boolean> {
  const { mode, deleteFlag } = lease.job;
  return mode === 'full' && !deleteFlag && othersWrite(context, lease.job);
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
  const ranges = parts.map(({ serialFrom, serialTo, withNullSerial }) => ({
    ...(serialFrom !== undefined && { serialFrom: String(serialFrom) }),
    ...(serialTo !== undefined && { serialTo: String(serialTo) }),
    ...(withNullSerial && { withNullSerial }),
  }));
  return { ranges, index: 0, counts: noRows() };
}

interface Counted {
  readonly rows: number;
  readonly maxModified?: Date;
  /** The smallest and the largest SERIALKEY. */
  readonly serials?: readonly [bigint, bigint];
}

function readCount(row: Row | undefined): Counted {
  const byName = new Map(Object.entries(row ?? {}).map(([k, v]) => [k.toUpperCase(), v]));
  const rows = Number(byName.get(COUNT_COLUMNS.rows) ?? Number.NaN);
  if (!Number.isSafeInteger(rows) || rows < 0) throw badCount('the count query gave no number');
  const newest = byName.get(COUNT_COLUMNS.maxModified);
  const ms = typeof newest === 'string' ? epochMsFloor(newest) : undefined;
  const serials = [COUNT_COLUMNS.minSerial, COUNT_COLUMNS.maxSerial].map((name) =>
    integerOf(byName.get(name)),
  );
  const [min, max] = serials;
  return {
    rows,
    ...(typeof ms === 'number' && { maxModified: new Date(ms) }),
    ...(min !== undefined && max !== undefined && { serials: [min, max] as const }),
  };
}

function integerOf(value: unknown): bigint | undefined {
  return /^-?\d+$/.test(String(value)) ? BigInt(String(value)) : undefined;
}

function badCount(message: string): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message }] });
}
