import type { mongo, Types } from 'mongoose';
import type { Logger } from 'pino';
import type { DayOfRuns } from '../models/day-of-runs.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { RetryBudget } from './driver/retry.js';
import { withDefaults } from './driver/validated.js';
import { changeEntry, notCounted } from './history/change-entry.js';
import { countRuns } from './history/count-runs.js';
import { dailyRuns } from './history/daily-runs.js';
import {
  type Correction,
  correctionUpdate,
  type RefusedStart,
  refusalUpdate,
} from './history/entry-updates.js';
import { latestRuns, type RunGlance } from './history/latest-runs.js';
import { entriesInHistory, readRunTotals, type TableRuns } from './history/read-runs.js';
import { buildRunTotals, withoutTotals } from './history/recount-runs.js';
import { type RunModels, type Runs, runsOf } from './history/runs.js';
import { type FoundPage, ListStore, type PageRequest, type Period } from './pages.js';

export type { RunGlance } from './history/latest-runs.js';

/** Which entries a list shows; a field that is left out limits nothing. */
interface HistorySelection extends Period {
  readonly tableId?: string | undefined;
  readonly status?: SyncHistory['status'] | undefined;
}

type NewEntry = Partial<SyncHistory> & Pick<SyncHistory, '_id' | 'tableId'>;

/** Limit for counting after a run or a correction, which is recorded by then. */
const COUNT_LIMIT_MS = 10_000;

/**
 * One entry per run, and the totals of each table's runs: `synchistories` and `syncruntotals`.
 * New entries are validated by the schema; updates that depend on what was read before (`history/`)
 * go through the driver.
 */
export class HistoryStore extends ListStore<SyncHistory> {
  protected readonly by = 'startTime';
  readonly #models: RunModels;
  readonly #runs: Runs;

  constructor(models: RunModels, budget: RetryBudget) {
    super(models.history, budget);
    this.#models = models;
    this.#runs = runsOf(models, budget);
  }

  /** One page of the entries, the latest first. @throws AppError MONGODB_* */
  page({
    tableId,
    status,
    ...request
  }: HistorySelection & PageRequest): Promise<FoundPage<SyncHistory>> {
    const conditions = {
      ...(tableId !== undefined && { tableId }),
      ...(status !== undefined && { status }),
    };
    const isFiltered = status !== undefined || request.from || request.to;
    const known = async () => (isFiltered ? undefined : entriesInHistory(this.#runs, tableId));
    return this.findPage(conditions, request, known);
  }

  /** The latest entries of each of these tables, the latest first. @throws AppError MONGODB_* */
  latestByTable(
    tableIds: readonly string[],
    most: number,
  ): Promise<ReadonlyMap<string, readonly RunGlance[]>> {
    return latestRuns(this.#runs, tableIds, most);
  }

  /** The runs since a time by day of UTC, the oldest day first. @throws AppError MONGODB_* */
  byDay(wanted: { tableId?: string | undefined; since: Date }): Promise<DayOfRuns[]> {
    return dailyRuns(this.#runs, wanted);
  }

  /** @throws AppError MONGODB_* */
  find(_id: Types.ObjectId): Promise<mongo.WithId<SyncHistory> | null> {
    return this.run(() => this.collection.findOne({ _id }));
  }

  /**
   * Adds an entry, which is not counted yet; an existing one does not change.
   * @throws AppError MONGODB_*
   */
  async open({ _id, ...fields }: NewEntry): Promise<void> {
    const given = { ...fields, ...notCounted(fields.tableId) };
    const once = { $setOnInsert: await this.run(() => withDefaults(this.model, given)) };
    await this.run(() => this.collection.updateOne({ _id }, once, { upsert: true }));
  }

  /** Sets a run's fields in its entry, or in a new one. @throws AppError MONGODB_* */
  async recordRun(
    _id: Types.ObjectId,
    run: Partial<SyncHistory> & Pick<SyncHistory, 'tableId'>,
  ): Promise<void> {
    // The driver's types don't allow fields that may be missing.
    const update = { $set: run } as mongo.UpdateFilter<SyncHistory>;
    await changeEntry(this.#runs, _id, () => update, { newOf: run.tableId });
  }

  /** Records a refused start in the refusal's entry, or in a new one. @throws AppError MONGODB_* */
  async recordRefusal(refused: RefusedStart): Promise<void> {
    const { historyId, tableId } = refused;
    await changeEntry(this.#runs, historyId, () => refusalUpdate(refused), { newOf: tableId });
  }

  /**
   * Corrects an entry, safely even if others change or count it at the same time.
   * @param correctionOf makes the correction from the present entry; called again if that has changed
   * @returns the corrected entry; undefined: there is none
   * @throws AppError MONGODB_*; what `correctionOf` throws
   */
  correct(
    _id: Types.ObjectId,
    correctionOf: (entry: SyncHistory) => Correction,
  ): Promise<SyncHistory | undefined> {
    return changeEntry(this.#runs, _id, (found) =>
      found ? correctionUpdate(correctionOf(found)) : {},
    );
  }

  /** Brings a table's totals up to its entries. @throws AppError MONGODB_* */
  countRuns(tableId: string): Promise<void> {
    return countRuns(this.#runs, tableId);
  }

  /**
   * As `countRuns`, but never throws: what is not counted now is counted with the table's next run,
   * and `runTotals` includes it all the same.
   */
  async countRunsQuietly(tableId: string, log: Logger): Promise<void> {
    const { clock } = this.budget;
    try {
      const deadline = clock.now() + COUNT_LIMIT_MS;
      await countRuns(runsOf(this.#models, { clock, deadline }), tableId);
    } catch (error) {
      log.error({ err: error, table: tableId }, 'run not counted');
    }
  }

  /**
   * The totals of these tables by their present entries, including changes that are not counted yet.
   * Missing totals are built.
   * @throws AppError MONGODB_*
   */
  runTotals(tableIds: readonly string[]): Promise<ReadonlyMap<string, TableRuns>> {
    return readRunTotals(this.#runs, tableIds);
  }

  /** Builds the missing totals of these and of all other tables. @throws AppError MONGODB_* */
  buildRunTotals(tableIds: readonly string[]): Promise<void> {
    return buildRunTotals(this.#runs, tableIds);
  }

  /** Tables that have entries and no totals. @throws AppError MONGODB_* */
  tablesWithoutTotals(): Promise<string[]> {
    return withoutTotals(this.#runs);
  }
}
