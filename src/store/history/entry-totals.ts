import { durationMsOf, isEarlierEntry } from '../../models/duration.js';
import { countFields } from '../../models/row-counts.js';
import { outcomesOf } from '../../models/run-outcomes.js';
import type { RunTotals } from '../../models/run-totals.js';
import type { SyncHistory } from '../../models/sync-history.js';

/** What one history entry, of this or an earlier version, adds to its table's totals. */
export function totalsOfEntry(entry: SyncHistory): RunTotals {
  const isCompleted = entry.status === 'completed';
  const took = isCompleted ? durationMsOf(entry, isEarlierEntry(entry)) : undefined;
  return {
    total: 1,
    successful: isCompleted ? 1 : 0,
    failed: entry.status === 'failed' ? 1 : 0,
    timed: took === undefined ? 0 : 1,
    duration: took ?? 0,
    shortest: took ?? null,
    longest: took ?? null,
    oldest: entry.startTime instanceof Date ? entry.startTime.getTime() : null,
    ...countFields('totals', (names) => numberOf(entry[names.entry])),
    ...outcomesOf(entry),
  };
}

/** A value that is not a number counts as 0, as in `$sum`. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
