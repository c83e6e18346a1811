import type { mongo } from 'mongoose';
import type { StoredTotals } from '../../models/run-totals.js';
import type { SyncHistory } from '../../models/sync-history.js';
import { changedEntries, lastWith, sumsWith } from './changed-runs.js';
import { totalsOfEntry } from './entry-totals.js';
import { buildRunTotals } from './recount-runs.js';
import type { Runs } from './runs.js';

/** Entries that one update counts. */
const BATCH = 50;
const ATTEMPTS = 20;

/**
 * Brings a table's totals up to date: counts every entry that has changed since it was counted. Each
 * step can be repeated, and several workers may count at the same time:
 * 1. One update adds the entries' present values, subtracts those counted before, and lists the
 *    entries; it is made only if the totals have not changed since they were read.
 * 2. The entries are marked as counted. The next count does that first, by the list, so that it is
 *    certain how each entry has been counted.
 * @throws AppError MONGODB_*
 */
export async function countRuns(runs: Runs, tableId: string): Promise<void> {
  const { totals: stored, run } = runs;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const totals = await run(() => stored.findOne({ _id: tableId }));
    if (!totals) {
      await buildRunTotals(runs, [tableId]);
      continue;
    }
    await markCounted(runs, totals);
    const entries = await changedEntries(runs, [tableId], BATCH);
    if (entries.length === 0) return;
    const next = {
      seq: totals.seq + 1,
      sums: await sumsWith(runs, totals, entries),
      last: await lastWith(runs, totals, entries),
      counted: entries.map((entry) => ({
        id: entry._id,
        change: entry.tally.change,
        sums: totalsOfEntry(entry),
      })),
    };
    const asRead = { _id: tableId, seq: totals.seq };
    const count = () => stored.updateOne(asRead, { $set: next });
    const { matchedCount } = await run(count);
    if (matchedCount === 0) continue;
    await markCounted(runs, { _id: tableId, ...next });
    if (entries.length < BATCH) return;
  }
}

/** Marks the entries that the last change of the totals has counted. */
async function markCounted({ history, run }: Runs, { seq, counted }: StoredTotals): Promise<void> {
  if (counted.length === 0) return;
  const writes = counted.flatMap(({ id: _id, change, sums }) => [
    {
      updateOne: {
        filter: { _id, 'tally.change': change },
        update: {
          $set: { 'tally.seq': seq },
          $unset: { 'tally.change': '', 'tally.due': '', 'tally.counted': '' },
        },
      },
    },
    // The entry has changed again since. A late worker must not overwrite the mark of a later count.
    {
      updateOne: {
        filter: {
          _id,
          'tally.change': { $exists: true, $ne: change },
          'tally.seq': { $not: { $gte: seq } },
        },
        update: { $set: { 'tally.seq': seq, 'tally.counted': sums } },
      },
    },
  ]);
  const mark = () => history.bulkWrite(writes as mongo.AnyBulkWriteOperation<SyncHistory>[]);
  await run(mark);
}
