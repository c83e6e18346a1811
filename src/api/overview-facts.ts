import type { DeleteList } from '../models/delete-list.js';
import { timeOf } from '../models/earlier-record.js';
import type { Certificate } from '../models/reconcile.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncJob } from '../models/sync-job.js';
import type { RunGlance } from '../store/history.js';
import { readSchedule, type ScheduleFacts } from '../sync/schedule-watch.js';
import type { TableDefinition } from '../tables/table.js';
import type { Services } from './services.js';
import { readSiteSettings } from './site-settings.js';

/** Runs of each table that the overview shows. */
const RUNS = 30;
/** Of these, the latest ones that may have seen rows of the lake that no watermark covers. */
const WITH_CEILING = 3;

/** What is on record about one table. */
export interface TableFacts {
  readonly tableId: string;
  /** Undefined: only a configuration names the table. */
  readonly definition: TableDefinition | undefined;
  readonly config: SyncConfig | undefined;
  readonly runs: readonly RunGlance[];
  readonly active: SyncJob | undefined;
  readonly certificate: Certificate | undefined;
  readonly held: DeleteList | undefined;
  readonly openRejects: number;
  readonly openDifferences: number;
  /** The newest index time that is known of the lake's rows. */
  readonly sourceNewest: Date | undefined;
}

export interface OverviewFacts {
  /** MongoDB's time; without any configuration this process's. */
  readonly now: Date;
  readonly tables: readonly TableFacts[];
  readonly schedule: ScheduleFacts;
  readonly freshnessLimitMinutes: number | null;
  /** Tenant and gateway of this site, as a hash; undefined: its credentials can't be used. */
  readonly source: string | undefined;
}

/** Asks each question once for all tables, apart from what only an index of one table answers. */
export async function collectOverview(services: Services): Promise<OverviewFacts> {
  const { tables, clock } = services;
  const store = await services.store();
  const stored = await store.configs.listWithNow();
  const configs = stored.filter(({ tableId }) => typeof tableId === 'string');
  const now = stored[0]?.now ?? new Date(clock.now());
  const known = tables.all.map(({ tableId }) => tableId);
  const ids = [...new Set([...known, ...configs.map(({ tableId }) => tableId)])];
  const [runs, active, rejects, differences, held, certificates, schedule, settings, lake] =
    await Promise.all([
      store.history.latestByTable(ids, RUNS),
      store.jobs.allActive(),
      store.rejects.countOpenByTable(ids),
      store.differences.countOpenByTable(ids),
      store.deleteLists.heldByTable(ids, now),
      store.certificates.latestByTable(ids),
      readSchedule(store, clock),
      readSiteSettings(store),
      services.lake().catch(() => undefined),
    ]);
  const ceilings = await store.jobs.ceilingsOf([...runs.values()].flatMap(latestJobs));
  const ofTable = (tableId: string): TableFacts => {
    const config = configs.find((one) => one.tableId === tableId);
    const certificate = certificates.get(tableId);
    const own = active.find((job) => job.tableId === tableId);
    const seen = ceilings.filter((one) => one.tableId === tableId).map(({ ceiling }) => ceiling);
    return {
      tableId,
      definition: tables.all.find((table) => table.tableId === tableId),
      config,
      runs: runs.get(tableId) ?? [],
      active: own,
      certificate,
      held: held.get(tableId),
      openRejects: rejects.get(tableId) ?? 0,
      openDifferences: differences.get(tableId) ?? 0,
      sourceNewest: newest([
        ...seen,
        own?.range?.ceiling,
        config?.watermark,
        config?.leftovers?.ceiling,
        certificate?.ceiling,
      ]),
    };
  };
  return {
    now,
    tables: ids.map(ofTable),
    schedule,
    freshnessLimitMinutes: settings.freshnessLimitMinutes,
    source: lake?.sourceHash,
  };
}

function latestJobs(runs: readonly RunGlance[]): string[] {
  const ids = runs.slice(0, WITH_CEILING).map(({ syncJobId }) => String(syncJobId));
  return ids.filter((id) => /^[0-9a-f]{24}$/.test(id));
}

function newest(times: readonly unknown[]): Date | undefined {
  const known = times.flatMap((time) => timeOf(time)?.getTime() ?? []);
  return known.length > 0 ? new Date(Math.max(...known)) : undefined;
}
