import type { ColumnCounts } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import type { CountedColumn } from './columns.js';
import type { DecodedRow } from './decoder.js';

/** What a page's values have brought to light, by column. */
export function columnsOf(
  rows: readonly DecodedRow[],
  counted: readonly CountedColumn[],
): ColumnCounts[] {
  const counts = counted.map((column) => ({ ...column, unreadable: 0 }));
  for (const { unreadable } of rows) {
    for (const { column } of unreadable) counts.push({ column, unreadable: 1, blank: 0, cut: 0 });
  }
  return addColumns([], counts);
}

/** The sums by column, in the order of the names. */
export function addColumns(a: readonly ColumnCounts[], b: readonly ColumnCounts[]): ColumnCounts[] {
  const sums = new Map<string, ColumnCounts>();
  for (const { column, unreadable, blank, cut } of [...a, ...b]) {
    const sum = sums.get(column) ?? { column, unreadable: 0, blank: 0, cut: 0 };
    sum.unreadable += unreadable;
    sum.blank += blank;
    sum.cut += cut;
    sums.set(column, sum);
  }
  return [...sums.values()].sort((x, y) => (x.column < y.column ? -1 : 1));
}

/** The counts of a whole job, as `jobCounts` of its rows. */
export function jobColumns({
  segments,
  split,
}: Pick<SyncJob, 'segments' | 'split'>): ColumnCounts[] {
  return segments.map(({ columns = [] }) => columns).reduce(addColumns, split?.columns ?? []);
}
