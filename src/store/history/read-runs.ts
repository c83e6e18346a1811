import {
  addTotals,
  type LastRun,
  NO_RUNS,
  type RunTotals,
  type StoredTotals,
  subtractTotals,
} from '../../models/run-totals.js';
import { KEEP_HISTORY_DAYS, type SyncHistory } from '../../models/sync-history.js';
import {
  type Changed,
  changedEntries,
  countedAs,
  isEnded,
  lastWith,
  sumsWith,
} from './changed-runs.js';
import { totalsOfEntry } from './entry-totals.js';
import { buildRunTotals, findLastRun, recountedTotals } from './recount-runs.js';
import type { Runs } from './runs.js';

/** The most reads of the totals until two in a row are equal. */
const ATTEMPTS = 20;
const DAY_MS = 86_400_000;

export interface TableRuns {
  readonly sums: RunTotals;
  /** The run that began last among those that have ended. */
  readonly last: SyncHistory | null;
}

/**
 * The totals of these tables by their present history, including changes that are not counted yet.
 * Writes only missing totals; if the database refuses that, they are computed without being stored.
 * @throws AppError MONGODB_*
 */
export async function readRunTotals(
  runs: Runs,
  tableIds: readonly string[],
): Promise<ReadonlyMap<string, TableRuns>> {
  const found = await findOrBuild(runs, tableIds);
  const { stored, entries } = await withChanges(runs, found, [...found.keys()]);
  const ofTables = [...stored.values()].map(async (totals): Promise<[string, TableRuns]> => {
    const own = entries.filter(({ tableId }) => tableId === totals._id);
    const [sums, last] = await Promise.all([
      sumsWith(runs, totals, own),
      lastWith(runs, totals, own).then((known) => entryOf(runs, totals._id, known)),
    ]);
    return [totals._id, { sums, last }];
  });
  return new Map(await Promise.all(ofTables));
}

/**
 * How many entries the history has now, of one table or of all; undefined if the totals can't tell,
 * because there are none yet or they include runs whose entries may have expired.
 * @throws AppError MONGODB_*
 */
export async function entriesInHistory(
  runs: Runs,
  tableId: string | undefined,
): Promise<number | undefined> {
  const ofTables = tableId === undefined ? {} : { _id: tableId };
  const find = () => runs.totals.find(ofTables).toArray();
  const found = byTable(await runs.run(find));
  if (found.size === 0) return undefined;
  // A table whose first run has not ended has no totals yet.
  const due = tableId === undefined ? undefined : [tableId];
  const { stored, entries } = await withChanges(runs, found, due);
  const all = [...stored.values()].map(({ sums }) => sums);
  const fresh = entries.map((entry) => {
    const totals = stored.get(entry.tableId);
    return subtractTotals(totalsOfEntry(entry), totals ? countedAs(entry, totals) : NO_RUNS);
  });
  const { total, oldest } = addTotals([...all, ...fresh]);
  const expired = runs.budget.clock.now() - (KEEP_HISTORY_DAYS - 1) * DAY_MS;
  return oldest === null || oldest > expired ? total : undefined;
}

/** The totals, and all changes that they don't include yet, consistent with each other. */
async function withChanges(
  runs: Runs,
  found: ReadonlyMap<string, StoredTotals>,
  due: readonly string[] | undefined,
): Promise<{ stored: ReadonlyMap<string, StoredTotals>; entries: readonly Changed[] }> {
  const tableIds = [...found.keys()];
  let stored = found;
  for (let attempt = 1; ; attempt++) {
    const entries = await changedEntries(runs, due);
    // An entry counted between the two reads would be in both, or in neither.
    const again = await findTotals(runs, tableIds);
    const isSame = again.every(({ _id, seq }) => stored.get(_id)?.seq === seq);
    if (isSame || attempt === ATTEMPTS) return { stored, entries };
    stored = new Map([...stored, ...byTable(again)]);
  }
}

/** Totals that this process is building, by their collection, so that requests share one scan. */
const building = new WeakMap<object, Promise<void>>();

async function findOrBuild(
  runs: Runs,
  tableIds: readonly string[],
): Promise<Map<string, StoredTotals>> {
  const found = byTable(await findTotals(runs, tableIds));
  const isMissing = (tableId: string) => !found.has(tableId);
  if (!tableIds.some(isMissing)) return found;
  const running = building.get(runs.totals);
  const build = running ?? buildRunTotals(runs, tableIds.filter(isMissing)).catch(() => {});
  building.set(runs.totals, build);
  await build;
  if (building.get(runs.totals) === build) building.delete(runs.totals);
  const built = byTable(await findTotals(runs, tableIds));
  const left = tableIds.filter((tableId) => !built.has(tableId));
  if (left.length === 0) return built;
  return new Map([...built, ...byTable(await recountedTotals(runs, left))]);
}

function findTotals({ totals, run }: Runs, tableIds: readonly string[]) {
  const ofTables = { _id: { $in: [...tableIds] } };
  return run(() => totals.find(ofTables).toArray());
}

const byTable = (all: readonly StoredTotals[]) => new Map(all.map((one) => [one._id, one]));

/** The entry of the last run; if it has expired or was changed meanwhile, the last run is searched. */
async function entryOf(
  runs: Runs,
  tableId: string,
  known: LastRun | null,
): Promise<SyncHistory | null> {
  if (!known) return null;
  const entry = await runs.run(() => runs.history.findOne({ _id: known.id }));
  return entry && isEnded(entry) ? entry : findLastRun(runs, tableId);
}
