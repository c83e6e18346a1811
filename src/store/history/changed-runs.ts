import type { mongo, Types } from 'mongoose';
import { countFields } from '../../models/row-counts.js';
import {
  addTotals,
  type LastRun,
  NO_RUNS,
  type RunTotals,
  type StoredTotals,
  subtractTotals,
} from '../../models/run-totals.js';
import type { SyncHistory } from '../../models/sync-history.js';
import { totalsOfEntry } from './entry-totals.js';
import { findLastRun, lastRunOf, recountRuns } from './recount-runs.js';
import type { Runs } from './runs.js';

/** An entry whose last change is not counted yet, or not yet marked as counted. */
export type Changed = SyncHistory & { readonly tally: { readonly change: Types.ObjectId } };

const FIELDS = {
  ...{
    tableId: 1,
    status: 1,
    outcome: 1,
    startTime: 1,
    durationMs: 1,
    duration: 1,
    __v: 1,
    tally: 1,
  },
  ...countFields('entry', () => 1),
};

/**
 * Entries that have changed since they were counted.
 * @param tableIds undefined: of every table
 * @param most 0: all of them
 */
export function changedEntries(
  { history, run }: Runs,
  tableIds: readonly string[] | undefined,
  most = 0,
): Promise<Changed[]> {
  // Not every server finds a partial index by `$exists`.
  const changed = { 'tally.due': tableIds ? { $in: [...tableIds] } : { $gt: '' } };
  const find = () =>
    history
      .find(changed as mongo.Filter<SyncHistory>, { projection: FIELDS, limit: most })
      .toArray();
  // The cast is safe: the filter matches only entries with a change.
  return run(find) as Promise<Changed[]>;
}

/** The sums with these entries, all or some of the table's changed ones, counted as well. */
export async function sumsWith(
  runs: Runs,
  totals: StoredTotals,
  entries: readonly Changed[],
): Promise<RunTotals> {
  const before = entries.map((entry) => countedAs(entry, totals));
  const after = entries.map(totalsOfEntry);
  const sums = addTotals([before.reduce(subtractTotals, totals.sums), ...after]);
  if (!isExtremeGone(totals.sums, before, after)) return sums;
  // The shortest or the longest run was one of these entries: the others must be read to replace it.
  const ids = entries.map(({ _id }) => _id);
  const others = (await recountRuns(runs, [totals._id], ids)).get(totals._id);
  const { shortest, longest } = addTotals([others?.sums ?? NO_RUNS, ...after]);
  return { ...sums, shortest, longest };
}

/** The table's last run with these entries counted as well. */
export async function lastWith(
  runs: Runs,
  { _id, last }: StoredTotals,
  entries: readonly Changed[],
): Promise<LastRun | null> {
  const ended = entries.filter(isEnded).map(lastRunOf);
  const newest = ended.reduce(laterOf, null);
  const isChanged = last !== null && entries.some((entry) => entry._id.equals(last.id));
  if (!isChanged || laterOf(newest, last) === newest) return laterOf(newest, last);
  // The entry was the last one, but its correction has changed its start time or status.
  return lastRunOf(await findLastRun(runs, _id));
}

export const isEnded = ({ status }: SyncHistory) => status === 'completed' || status === 'failed';

/** The later run in the list's order: by start time, then by id. `a` if both are the same. */
function laterOf(a: LastRun | null, b: LastRun | null): LastRun | null {
  if (!a || !b) return a ?? b;
  const apart = Number(a.startTime ?? 0) - Number(b.startTime ?? 0);
  if (apart !== 0) return apart > 0 ? a : b;
  return a.id.toHexString() >= b.id.toHexString() ? a : b;
}

/** What the entry contributes to the totals now, even if it is not yet marked as counted. */
export function countedAs({ _id, tally }: Changed, { seq, counted }: StoredTotals): RunTotals {
  const last = counted.find(({ id }) => id.equals(_id));
  if (last && (tally.seq ?? 0) < seq) return last.sums;
  return tally.counted ?? NO_RUNS;
}

function isExtremeGone(
  { shortest, longest }: RunTotals,
  before: readonly RunTotals[],
  after: readonly RunTotals[],
): boolean {
  const wasShortest = before.some((one) => one.timed > 0 && one.shortest === shortest);
  const wasLongest = before.some((one) => one.timed > 0 && one.longest === longest);
  const now = addTotals(after);
  const isShortest = now.shortest !== null && now.shortest <= (shortest ?? 0);
  const isLongest = now.longest !== null && now.longest >= (longest ?? 0);
  return (wasShortest && !isShortest) || (wasLongest && !isLongest);
}
