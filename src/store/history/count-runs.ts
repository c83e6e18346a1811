import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.js';
import type { Models } from '../../models/index.js';
import { type StoredTotals, totalsOfEntry } from '../../models/run-totals.js';
import type { SyncHistory } from '../../models/sync-history.js';
import { native } from '../driver/native.js';
import { type RetryBudget, withRetry } from '../driver/retry.js';
import { changedEntries, lastWith, sumsWith } from './changed-runs.js';
import { buildRunTotals } from './recount-runs.js';

type RunModels = Pick<Models, 'history' | 'runTotals'>;

/** Entries that one update counts. */
const BATCH = 50;
const ATTEMPTS = 20;
/** The run, or the change of an entry, is on record by then. */
const LIMIT_MS = 10_000;

/**
 * Brings a table's totals up to its history: counts every entry that has changed since it was
 * counted. Each step can be repeated, and several may do it at a time:
 * 1. One update adds what the entries have become, takes off as what they were counted, and lists
 *    them; it is made only if nobody has counted since the totals were read.
 * 2. The entries are marked as counted. Whoever counts next does that first, by the list: then what
 *    an entry is counted as is known for certain.
 * @throws AppError MONGODB_*
 */
export async function countRuns(
  models: RunModels,
  tableId: string,
  scope: RetryBudget,
): Promise<void> {
  const stored = native(models.runTotals);
  const find = () => withRetry(() => stored.findOne({ _id: tableId }), scope);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const totals = await find();
    if (!totals) {
      await buildRunTotals(models, [tableId], scope);
      continue;
    }
    await markCounted(models, totals, scope);
    const entries = await changedEntries(models, [tableId], scope, BATCH);
    if (entries.length === 0) return;
    const next = {
      seq: totals.seq + 1,
      sums: await sumsWith(models, totals, entries, scope),
      last: await lastWith(models, totals, entries, scope),
      counted: entries.map((entry) => ({
        id: entry._id,
        change: entry.tally.change,
        sums: totalsOfEntry(entry),
      })),
    };
    const asRead = { _id: tableId, seq: totals.seq };
    const count = () => stored.updateOne(asRead, { $set: next });
    const { matchedCount } = await withRetry(count, scope);
    if (matchedCount === 0) continue;
    await markCounted(models, { _id: tableId, ...next }, scope);
    if (entries.length < BATCH) return;
  }
}

/**
 * The same where nothing depends on it: what is not counted now is counted with the table's next
 * run, and `readRunTotals` has it all the same. Nothing is thrown.
 */
export async function countRunsQuietly(
  models: RunModels,
  tableId: string,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<void> {
  try {
    await countRuns(models, tableId, { clock, deadline: clock.now() + LIMIT_MS });
  } catch (error) {
    log.error({ err: error, table: tableId }, 'run not counted');
  }
}

/** Says in the entries what the totals' last change has counted. */
async function markCounted(
  { history }: RunModels,
  { seq, counted }: StoredTotals,
  scope: RetryBudget,
): Promise<void> {
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
    // Changed again since. A late worker has nothing to say to what was counted after it.
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
  const mark = () =>
    native(history).bulkWrite(writes as mongo.AnyBulkWriteOperation<SyncHistory>[]);
  await withRetry(mark, scope);
}
