import type { ColumnCounts } from '../models/reading.js';
import { addCounts } from '../models/row-counts.js';
import type { SyncJob } from '../models/sync-job.js';
import type { CountedColumn } from './columns.js';
import type { DecodedRow } from './decoder.js';

/** The counts of unreadable, blank and cut values of a page, by column. */
export function columnsOf(
  rows: readonly DecodedRow[],
  counted: readonly CountedColumn[],
): ColumnCounts[] {
  const counts = counted.map((column) => ({ ...column, unreadable: 0 }));
  for (const { unreadable } of rows) {
    for (const { column } of unreadable) counts.push({ column, ...NO_VALUES, unreadable: 1 });
  }
  return addColumns([], counts);
}

const NO_VALUES: Omit<ColumnCounts, 'column'> = { unreadable: 0, blank: 0, cut: 0 };

/** The sums by column, sorted by name. */
export function addColumns(a: readonly ColumnCounts[], b: readonly ColumnCounts[]): ColumnCounts[] {
  const sums = new Map<string, typeof NO_VALUES>();
  for (const { column, ...counts } of [...a, ...b]) {
    sums.set(column, addCounts(sums.get(column) ?? NO_VALUES, counts));
  }
  const columns = [...sums].map(([column, counts]) => ({ column, ...counts }));
  return columns.sort((x, y) => (x.column < y.column ? -1 : 1));
}

/** The counts of a whole job by column, as `jobCounts` has those of its rows. */
export function jobColumns({
  segments,
  split,
}: Pick<SyncJob, 'segments' | 'split'>): ColumnCounts[] {
  return segments.map(({ columns = [] }) => columns).reduce(addColumns, split?.columns ?? []);
}
