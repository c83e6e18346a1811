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
  /** Of the warehouses that were looked for: those without a row. */
  readonly emptyWarehouses?: string[];
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

/**
 * @param warehouses that the query has looked for, in its order
 * @throws AppError LAKE_BAD_ANSWER where it gives no number
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

/** A lake that leaves the fraction out may mean any time of that second; the query cuts none off. */
function ceilingMs(newest: string): ReturnType<typeof epochMsFloor> {
  const ms = epochMsFloor(newest);
  return typeof ms === 'number' && !newest.includes('.') ? ms + 999 : ms;
}

export function badCount(message: string): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message }] });
}
