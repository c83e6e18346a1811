import type { mongo } from 'mongoose';
import type { SyncHistory } from '../../models/sync-history.js';
import type { Runs } from './runs.js';

const SHOWN = {
  tableId: 1,
  syncJobId: 1,
  status: 1,
  outcome: 1,
  mode: 1,
  startTime: 1,
  endTime: 1,
  createdAt: 1,
  durationMs: 1,
  duration: 1,
  durationUnit: 1,
  recordsProcessed: 1,
  recordsError: 1,
  recordsUnchanged: 1,
  __v: 1,
  'proof.how': 1,
  'options.mode': 1,
  'options.whseid': 1,
  'refusal.count': 1,
  error: 1,
  errorCode: 1,
} as const;

/** The fields of an entry that show at a glance what became of a run. */
export type RunGlance = mongo.WithId<SyncHistory>;

/**
 * The latest entries of each of these tables, the latest first. One look-up by the index of the list
 * per table: a single query for all of them would read every entry.
 * @param most entries per table
 */
export async function latestRuns(
  { history, run }: Runs,
  tableIds: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, readonly RunGlance[]>> {
  const ofTable = async (tableId: string): Promise<[string, RunGlance[]]> => {
    const find = () =>
      history
        .find({ tableId }, { projection: SHOWN })
        .sort({ startTime: -1, _id: -1 })
        .limit(most)
        .toArray();
    return [tableId, await run(find)];
  };
  return new Map(await Promise.all(tableIds.map(ofTable)));
}
