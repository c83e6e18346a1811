import type { Models } from '../../models/index.js';
import {
  addTotals,
  type LastRun,
  NO_RUNS,
  type RunTotals,
  type StoredTotals,
  subtractTotals,
  totalsOfEntry,
} from '../../models/run-totals.js';
import { KEEP_HISTORY_DAYS, type SyncHistory } from '../../models/sync-history.js';
import { native } from '../driver/native.js';
import { type RetryBudget, withRetry } from '../driver/retry.js';
import {
  type Changed,
  changedEntries,
  countedAs,
  isEnded,
  lastWith,
  sumsWith,
} from './changed-runs.js';
import { buildRunTotals, findLastRun, recountedTotals } from './recount-runs.js';

type RunModels = Pick<Models, 'history' | 'runTotals'>;

/** Reads of the totals, until two in a row are the same. */
const ATTEMPTS = 20;
const DAY_MS = 86_400_000;

export interface TableRuns {
  readonly sums: RunTotals;
  /** Of the runs that have ended, the one that began last. */
  readonly last: SyncHistory | null;
}

/**
 * The totals of these tables as their history is now, whether its last changes are counted or not.
 * Only totals that there are not yet are written, and a database that refuses that is read all the
 * same.
 * @throws AppError MONGODB_*
 */
export async function readRunTotals(
  models: RunModels,
  tableIds: readonly string[],
  scope: RetryBudget,
): Promise<ReadonlyMap<string, TableRuns>> {
  const found = await findOrBuild(models, tableIds, scope);
  const { stored, entries } = await withChanges(models, found, [...found.keys()], scope);
  const runs = [...stored.values()].map(async (totals): Promise<[string, TableRuns]> => {
    const own = entries.filter(({ tableId }) => tableId === totals._id);
    const [sums, last] = await Promise.all([
      sumsWith(models, totals, own, scope),
      lastWith(models, totals, own, scope).then((known) =>
        entryOf(models, totals._id, known, scope),
      ),
    ]);
    return [totals._id, { sums, last }];
  });
  return new Map(await Promise.all(runs));
}

/**
 * How many entries the history has now, of one table or of all; undefined where the totals don't
 * say: there are none yet, or they have runs whose entries may have expired.
 * @throws AppError MONGODB_*
 */
export async function entriesInHistory(
  models: RunModels,
  tableId: string | undefined,
  scope: RetryBudget,
): Promise<number | undefined> {
  const ofTables = tableId === undefined ? {} : { _id: tableId };
  const find = () => native(models.runTotals).find(ofTables).toArray();
  const found = byTable(await withRetry(find, scope));
  if (found.size === 0) return undefined;
  // A table whose first run goes on has no totals yet.
  const due = tableId === undefined ? undefined : [tableId];
  const { stored, entries } = await withChanges(models, found, due, scope);
  const all = [...stored.values()].map(({ sums }) => sums);
  const fresh = entries.map((entry) => {
    const totals = stored.get(entry.tableId);
    return subtractTotals(totalsOfEntry(entry), totals ? countedAs(entry, totals) : NO_RUNS);
  });
  const { total, oldest } = addTotals([...all, ...fresh]);
  const expired = scope.clock.now() - (KEEP_HISTORY_DAYS - 1) * DAY_MS;
  return oldest === null || oldest > expired ? total : undefined;
}

/** The totals beside all changes that they do not have yet, both of one moment. */
async function withChanges(
  models: RunModels,
  found: ReadonlyMap<string, StoredTotals>,
  due: readonly string[] | undefined,
  scope: RetryBudget,
): Promise<{ stored: ReadonlyMap<string, StoredTotals>; entries: readonly Changed[] }> {
  const tableIds = [...found.keys()];
  let stored = found;
  for (let attempt = 1; ; attempt++) {
    const entries = await changedEntries(models, due, scope);
    // What was counted between the two reads would be in both, or in neither.
    const again = await findTotals(models, tableIds, scope);
    const isSame = again.every(({ _id, seq }) => stored.get(_id)?.seq === seq);
    if (isSame || attempt === ATTEMPTS) return { stored, entries };
    stored = new Map([...stored, ...byTable(again)]);
  }
}

/** The totals that this process is making, by their model: many requests wait for one scan. */
const building = new WeakMap<object, Promise<void>>();

async function findOrBuild(
  models: RunModels,
  tableIds: readonly string[],
  scope: RetryBudget,
): Promise<Map<string, StoredTotals>> {
  const found = byTable(await findTotals(models, tableIds, scope));
  const isMissing = (tableId: string) => !found.has(tableId);
  if (!tableIds.some(isMissing)) return found;
  const running = building.get(models.runTotals);
  const build =
    running ?? buildRunTotals(models, tableIds.filter(isMissing), scope).catch(() => {});
  building.set(models.runTotals, build);
  await build;
  if (building.get(models.runTotals) === build) building.delete(models.runTotals);
  const built = byTable(await findTotals(models, tableIds, scope));
  const left = tableIds.filter((tableId) => !built.has(tableId));
  if (left.length === 0) return built;
  return new Map([...built, ...byTable(await recountedTotals(models, left, scope))]);
}

function findTotals({ runTotals }: RunModels, tableIds: readonly string[], scope: RetryBudget) {
  const ofTables = { _id: { $in: [...tableIds] } };
  return withRetry(() => native(runTotals).find(ofTables).toArray(), scope);
}

const byTable = (all: readonly StoredTotals[]) => new Map(all.map((one) => [one._id, one]));

/** The entry itself. One that has expired, or was changed by somebody else, is looked for. */
async function entryOf(
  models: RunModels,
  tableId: string,
  known: LastRun | null,
  scope: RetryBudget,
): Promise<SyncHistory | null> {
  if (!known) return null;
  const find = () => native(models.history).findOne({ _id: known.id });
  const entry = await withRetry(find, scope);
  return entry && isEnded(entry) ? entry : findLastRun(models, tableId, scope);
}
