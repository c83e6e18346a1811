import type { ColumnCounts } from '../models/reading.js';
import type { DecodedRow } from './decoder.js';

/**
 * Unreadable values of one column that a run keeps rejects of. Where there are more, not the
 * values are wrong: the column's kind has changed.
 */
export const MOST_REJECTS_PER_COLUMN = 1_000;

/** Whether a row with unreadable values is kept as a reject. To be asked once per row. */
export type KeepsReject = (row: DecodedRow) => boolean;

/**
 * Keeps the rejects of a run bounded: only rows with an unreadable value of a column that has not
 * had too many of them.
 * @param before what the run had met when the worker took it up; workers that read at the same
 *   time don't know of each other, so that their run may keep some more
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
