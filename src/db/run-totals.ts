import type { mongo, Types } from 'mongoose';
import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import type { Models } from '../models/index.js';
import {
  addTotals,
  COUNTS,
  type LastRun,
  NO_RUNS,
  type RunTotals,
  type StoredTotals,
  subtractTotals,
  totalsOfEntry,
} from '../models/run-totals.js';
import { KEEP_HISTORY_DAYS, type SyncHistory } from '../models/sync-history.js';
import { native } from './native.js';
import {
  buildRunTotals,
  findLastRun,
  lastRunOf,
  recountedTotals,
  recountRuns,
} from './recount-runs.js';
import { type RetryScope, withRetry } from './retry.js';

type RunModels = Pick<Models, 'history' | 'runTotals'>;

/** An entry whose last change is not counted, or not marked as counted. */
type Changed = SyncHistory & { readonly tally: { readonly change: Types.ObjectId } };

/** Entries that one update counts. */
const BATCH = 50;
const ATTEMPTS = 20;
const DAY_MS = 86_400_000;
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
  scope: RetryScope,
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
  scope: RetryScope,
): Promise<ReadonlyMap<string, TableRuns>> {
  const found = await findOrBuild(models, tableIds, scope);
  const { stored, entries } = await withChanges(models, found, scope);
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
  scope: RetryScope,
): Promise<number | undefined> {
  const ofTables = tableId === undefined ? {} : { _id: tableId };
  const find = () => native(models.runTotals).find(ofTables).toArray();
  const found = byTable(await withRetry(find, scope));
  if (found.size === 0) return undefined;
  const { stored, entries } = await withChanges(models, found, scope);
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
  scope: RetryScope,
): Promise<{ stored: ReadonlyMap<string, StoredTotals>; entries: readonly Changed[] }> {
  const tableIds = [...found.keys()];
  let stored = found;
  for (let attempt = 1; ; attempt++) {
    const entries = await changedEntries(models, tableIds, scope);
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
  scope: RetryScope,
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

function findTotals({ runTotals }: RunModels, tableIds: readonly string[], scope: RetryScope) {
  const ofTables = { _id: { $in: [...tableIds] } };
  return withRetry(() => native(runTotals).find(ofTables).toArray(), scope);
}

const byTable = (all: readonly StoredTotals[]) => new Map(all.map((one) => [one._id, one]));

const FIELDS = Object.fromEntries(
  [
    ...['tableId', 'status', 'startTime', 'durationMs', 'duration', '__v', 'tally'],
    ...Object.values(COUNTS),
  ].map((name) => [name, 1]),
);

/** @param most 0: all of them */
function changedEntries(
  { history }: RunModels,
  tableIds: readonly string[],
  scope: RetryScope,
  most = 0,
): Promise<Changed[]> {
  const changed = { 'tally.due': { $in: [...tableIds] } };
  const find = () =>
    native(history)
      .find(changed as mongo.Filter<SyncHistory>, { projection: FIELDS, limit: most })
      .toArray();
  // The filter says that they have one.
  return withRetry(find, scope) as Promise<Changed[]>;
}

/** The sums once these entries, all or some of the table's changed ones, are counted too. */
async function sumsWith(
  models: RunModels,
  totals: StoredTotals,
  entries: readonly Changed[],
  scope: RetryScope,
): Promise<RunTotals> {
  const before = entries.map((entry) => countedAs(entry, totals));
  const after = entries.map(totalsOfEntry);
  const sums = addTotals([before.reduce(subtractTotals, totals.sums), ...after]);
  if (!isExtremeGone(totals.sums, before, after)) return sums;
  // The shortest or the longest run may have been one of these: only the others know.
  const ids = entries.map(({ _id }) => _id);
  const others = (await recountRuns(models, [totals._id], scope, ids)).get(totals._id);
  const { shortest, longest } = addTotals([others?.sums ?? NO_RUNS, ...after]);
  return { ...sums, shortest, longest };
}

/** The table's last run once these entries are counted too. */
async function lastWith(
  models: RunModels,
  { _id, last }: StoredTotals,
  entries: readonly Changed[],
  scope: RetryScope,
): Promise<LastRun | null> {
  const ended = entries.filter(isEnded).map(lastRunOf);
  const newest = ended.reduce(laterOf, null);
  const isChanged = last !== null && entries.some((entry) => entry._id.equals(last.id));
  if (!isChanged || laterOf(newest, last) === newest) return laterOf(newest, last);
  // It was the last one, and began earlier by its correction, or has not ended.
  return lastRunOf(await findLastRun(models, _id, scope));
}

const isEnded = ({ status }: SyncHistory) => status === 'completed' || status === 'failed';

/** As the list has them: by their time, then by their ids. The first where they are the same. */
function laterOf(a: LastRun | null, b: LastRun | null): LastRun | null {
  if (!a || !b) return a ?? b;
  const apart = Number(a.startTime ?? 0) - Number(b.startTime ?? 0);
  if (apart !== 0) return apart > 0 ? a : b;
  return a.id.toHexString() >= b.id.toHexString() ? a : b;
}

/** The entry itself. One that has expired, or was changed by somebody else, is looked for. */
async function entryOf(
  models: RunModels,
  tableId: string,
  known: LastRun | null,
  scope: RetryScope,
): Promise<SyncHistory | null> {
  if (!known) return null;
  const find = () => native(models.history).findOne({ _id: known.id });
  const entry = await withRetry(find, scope);
  return entry && isEnded(entry) ? entry : findLastRun(models, tableId, scope);
}

/** As what the entry is part of the totals, also where it is not marked so yet. */
function countedAs({ _id, tally }: Changed, { seq, counted }: StoredTotals): RunTotals {
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

/** Says in the entries what the totals' last change has counted. */
async function markCounted(
  { history }: RunModels,
  { seq, counted }: StoredTotals,
  scope: RetryScope,
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
