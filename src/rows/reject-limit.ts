import type { ColumnCounts } from '../models/reading.js';
import type { DecodedRow } from './decoder.js';

/**
 * The most unreadable values per column that a run keeps as rejects. If there are more, the
 * column's kind has probably changed.
 */
export const MOST_REJECTS_PER_COLUMN = 1_000;

/** Whether a row with unreadable values is kept as a reject. Counts: to be called once per row. */
export type KeepsReject = (row: DecodedRow) => boolean;

/**
 * Limits the rejects of a run: a row is kept if one of its unreadable values is in a column that is
 * still below the limit.
 * @param before the run's counts when the worker claimed its lease; concurrent workers don't see
 *   each other's, so that a run may keep a few more
 */
export function createRejectLimit(before: readonly ColumnCounts[]): KeepsReject {
  const counts = new Map(before.map(({ column, unreadable }) => [column, unreadable]));
  return (row) => {
    let isKept = false;
    for (const { column } of row.unreadable) {
      const count = (counts.get(column) ?? 0) + 1;
      counts.set(column, count);
      if (count <= MOST_REJECTS_PER_COLUMN) isKept = true;
    }
    return isKept;
  };
}
