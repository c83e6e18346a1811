import { NO_RUNS, type RunTotals } from '../models/run-totals.js';
import type { SyncConfig } from '../models/sync-config.js';
import { NO_USAGE, type Usage } from '../models/usage.js';
import type { Store } from '../store/store.js';
import type { TableRegistry } from '../tables/registry.js';

/** What the metrics say of one table. */
export interface TableMetrics {
  readonly tableId: string;
  /** undefined: it has no configuration. */
  readonly config: SyncConfig | undefined;
  readonly runs: RunTotals;
  readonly usage: Usage;
  readonly openRejects: number;
  /** Documents that differed from the lake by the last reconcile; undefined: there was none. */
  readonly differences: number | undefined;
  readonly lastEqual: Date | undefined;
  readonly deletesHeld: number;
}

export interface SiteMetrics {
  readonly tables: readonly TableMetrics[];
  readonly now: Date;
  readonly lastPass: Date | undefined;
  readonly tokens: number;
}

/**
 * Reads everything from stored totals, or by one look-up in an index per table: no collection that
 * grows is read as a whole.
 * @throws AppError MONGODB_*
 */
export async function readMetrics(
  store: Store,
  { all }: TableRegistry,
  now: Date,
): Promise<SiteMetrics> {
  const ids = all.map(({ tableId }) => tableId);
  const ofEach = <T>(read: (tableId: string) => Promise<T>) => Promise.all(ids.map(read));
  const [configs, schedule, tokens, rejects, usages, runs, latest, equal, held] = await Promise.all(
    [
      store.configs.list(),
      store.schedules.find(),
      store.usages.tokens(),
      store.rejects.countOpenByTable(ids),
      store.usages.totals(ids),
      store.history.runTotals(ids),
      store.certificates.latestByTable(ids),
      ofEach((tableId) => store.certificates.latestWith(tableId, 'equal')),
      ofEach((tableId) => store.deleteLists.held(tableId, now)),
    ],
  );
  const tables = ids.map((tableId, index) => ({
    tableId,
    config: configs.find((config) => config.tableId === tableId),
    runs: runs.get(tableId)?.sums ?? NO_RUNS,
    usage: usages.get(tableId) ?? NO_USAGE,
    openRejects: rejects.get(tableId) ?? 0,
    differences: latest.get(tableId)?.remaining,
    lastEqual: equal[index]?.asOf,
    deletesHeld: held[index]?.deletes ?? 0,
  }));
  return { tables, now, lastPass: schedule?.lastPass, tokens };
}
