import { COUNT_COLUMNS } from '../datafabric/query-builder.js';
import { integerOf } from '../datafabric/result-totals.js';
import type { Row } from '../datafabric/rows.js';
import { AppError } from '../errors/app-error.js';
import { epochMsFloor } from '../rows/date.js';

/** What a run is planned by. */
export interface Counted {
  readonly rows: number;
  readonly maxModified?: Date;
  /** The smallest and the largest SERIALKEY. */
  readonly serials?: readonly [bigint, bigint];
  /** Those of the requested warehouses that have no row. */
  readonly emptyWarehouses?: string[];
}

/** The number of rows that a count query returns. @throws AppError LAKE_BAD_ANSWER without one */
export function rowsCounted(row: Row | undefined): number {
  const rows = Number(integerOf(upperNames(row).get(COUNT_COLUMNS.rows) ?? '') ?? Number.NaN);
  if (!Number.isSafeInteger(rows) || rows < 0) throw badCount('the count query gave no number');
  return rows;
}

function upperNames(row: Row = {}): Map<string, unknown> {
  return new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
}

/**
 * Everything that the row of a count query states.
 * @param warehouses that the query asked about, in its order
 * @throws AppError LAKE_BAD_ANSWER if it has no row count
 */
export function countedBy(row: Row, warehouses: readonly string[]): Counted {
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

/** A time without a fraction may stand for any time in that second: the ceiling is the second's end. */
function ceilingMs(newest: string): ReturnType<typeof epochMsFloor> {
  const ms = epochMsFloor(newest);
  return typeof ms === 'number' && !newest.includes('.') ? ms + 999 : ms;
}

export function badCount(message: string): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message }] });
}
