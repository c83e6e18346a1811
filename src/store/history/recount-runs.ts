import type { mongo } from 'mongoose';
import { toAppError } from '../../errors/app-error.js';
import { DURATION_MS } from '../../models/duration.js';
import { countFields } from '../../models/row-counts.js';
import { OUTCOME_CONDITIONS } from '../../models/run-outcomes.js';
import {
  type LastRun,
  NO_RUNS,
  type RunTotals,
  type StoredTotals,
  SUM_NAMES,
} from '../../models/run-totals.js';
import type { SyncHistory } from '../../models/sync-history.js';
import { isDuplicateKey } from '../driver/mongo-error.js';
import { notCounted } from './change-entry.js';
import type { Runs } from './runs.js';

/**
 * Adds up the counted values of these tables' entries. Changing an entry does not change its counted
 * values, only counting does; so while there are no totals, the result is correct despite concurrent
 * changes. The scan uses the index of `_id`: in an index of times an entry could move during it.
 * @param without entries to leave out
 */
export async function recountRuns(
  { history, run }: Runs,
  tableIds: readonly string[],
  without: readonly mongo.ObjectId[] = [],
): Promise<Map<string, { seq: number; sums: RunTotals }>> {
  const filter = {
    tableId: { $in: [...tableIds] },
    ...(without.length > 0 && { _id: { $nin: [...without] } }),
  };
  type Group = RunTotals & { _id: string; seq: number | null };
  const pipeline = recountPipeline(filter);
  const groups = await run(() =>
    history.aggregate<Group>(pipeline, { hint: { _id: 1 } }).toArray(),
  );
  const found = new Map(groups.map(({ _id, seq, ...sums }) => [_id, { seq: seq ?? 0, sums }]));
  return new Map(tableIds.map((id) => [id, found.get(id) ?? { seq: 0, sums: NO_RUNS }]));
}

/** The totals of each table, computed from its history. @throws AppError MONGODB_* */
export async function recountedTotals(
  runs: Runs,
  tableIds: readonly string[],
): Promise<StoredTotals[]> {
  const recounted = await recountRuns(runs, tableIds);
  const totals = [...recounted].map(async ([_id, { seq, sums }]): Promise<StoredTotals> => {
    const last = lastRunOf(await findLastRun(runs, _id));
    // Higher than that of every entry, in case the totals were removed and are built again.
    return { _id, seq: seq + 1, sums, last, counted: [] };
  });
  return Promise.all(totals);
}

/** The run that began last among those that have ended. @throws AppError MONGODB_* */
export async function findLastRun(
  { history, run }: Runs,
  tableId: string,
): Promise<SyncHistory | null> {
  const ended: mongo.Filter<SyncHistory> = { tableId, status: { $in: ['completed', 'failed'] } };
  const sort = { startTime: -1, _id: -1 } as const;
  return run(() => history.findOne(ended, { sort }));
}

export function lastRunOf(entry: Pick<SyncHistory, '_id' | 'startTime'> | null): LastRun | null {
  return entry && { id: entry._id, startTime: entry.startTime ?? null };
}

function recountPipeline(filter: mongo.Document): mongo.Document[] {
  const having = (status: string) => ({ $eq: ['$status', status] });
  const oneIf = (condition: object) => ({ $cond: [condition, 1, 0] });
  const isTimed = { $and: [having('completed'), { $isNumber: '$took' }] };
  const took = { $cond: [isTimed, '$took', null] };
  const ofOutcomes = Object.fromEntries(
    Object.entries(OUTCOME_CONDITIONS).map(([name, condition]) => [name, oneIf(condition)]),
  ) as Record<keyof typeof OUTCOME_CONDITIONS, unknown>;
  const asItIs: Record<keyof RunTotals, unknown> = {
    total: 1,
    successful: oneIf(having('completed')),
    failed: oneIf(having('failed')),
    timed: oneIf(isTimed),
    duration: took,
    shortest: took,
    longest: took,
    oldest: {
      $cond: [{ $eq: [{ $type: '$startTime' }, 'date'] }, { $toLong: '$startTime' }, null],
    },
    ...countFields('totals', (names) => `$${names.entry}`),
    ...ofOutcomes,
  };
  const isChanged = { $ne: [{ $type: '$tally.change' }, 'missing'] };
  const countedAs = (name: keyof RunTotals) => ({
    $cond: [isChanged, `$tally.counted.${name}`, asItIs[name]],
  });
  return [
    { $match: filter },
    { $set: { took: DURATION_MS } },
    {
      $group: {
        _id: '$tableId',
        seq: { $max: '$tally.seq' },
        shortest: { $min: countedAs('shortest') },
        longest: { $max: countedAs('longest') },
        oldest: { $min: countedAs('oldest') },
        ...Object.fromEntries(SUM_NAMES.map((name) => [name, { $sum: countedAs(name) }])),
      },
    },
  ];
}

/**
 * Builds the totals of these tables and of any other that has runs in the history but no totals, so
 * that there are totals of all runs or of none. Concurrent calls compute the same, and the first one
 * is stored; runs that end meanwhile are counted afterwards.
 * @throws AppError MONGODB_*
 */
export async function buildRunTotals(runs: Runs, tableIds: readonly string[]): Promise<void> {
  const { history, totals, run } = runs;
  await runs.ensureToCountIndex();
  // A worker of the previous version may still end these runs without a tally.
  const missing = await withoutTotals(runs, tableIds);
  for (const tableId of missing) {
    const unfinished: mongo.Filter<SyncHistory> = {
      ...{ tableId, status: { $in: ['pending', 'in_progress'] } },
      tally: { $exists: false },
    };
    await run(() => history.updateMany(unfinished, { $set: notCounted(tableId) }));
  }
  for (const { _id, ...fields } of await recountedTotals(runs, missing)) {
    const insert = () => totals.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
    await run(insert).catch((error) => {
      if (!isDuplicateKey(toAppError(error).cause)) throw error;
    });
  }
}

/** The tables without totals, among these and those of the history. @throws AppError MONGODB_* */
export async function withoutTotals(
  { history, totals, run }: Runs,
  tableIds: readonly string[] = [],
): Promise<string[]> {
  const [inHistory, known] = await Promise.all([
    run(() => history.distinct('tableId')),
    run(() => totals.distinct('_id')),
  ]);
  const wanted = new Set([...tableIds, ...inHistory.filter((id) => typeof id === 'string')]);
  return [...wanted].filter((id) => !known.includes(id));
}
