import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import { timeOf } from '../models/earlier-record.js';
import type { Certificate } from '../models/reconcile.js';
import { addTotals, NO_RUNS, type RunTotals } from '../models/run-totals.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { TableUsage } from '../store/usages.js';
import { readSchedule } from '../sync/schedule-watch.js';
import { certificateSummary } from './certificate-view.js';
import { columnViews } from './column-view.js';
import { anyTable, refuseUnknownTable } from './fields.js';
import { lastSyncView } from './last-sync.js';
import { refusalsView } from './refused-starts.js';
import { totalsView } from './run-totals.js';
import { method, type Services } from './services.js';
import { readSiteSettings } from './site-settings.js';
import { type CreditRates, firstDay, usageView } from './usage-view.js';

const query = z.strictObject({ tableId: anyTable });

export const syncStats: Endpoint<Services> = {
  name: 'sync-stats',
  methods: {
    GET: method({
      access: 'read',
      query,
      async handle({ query, services, caller }) {
        const filter = query.tableId === undefined ? {} : { tableId: query.tableId };
        const ready = await services();
        const [found, rates] = await Promise.all([
          collect(ready, filter),
          ready.store().then(readSiteSettings),
        ]);
        const tables = found.map((facts) => tableView(facts, rates));
        if (query.tableId === undefined) {
          const { lastPass, overdue } = await readSchedule(await ready.store(), ready.clock);
          const schedule = { lastPass, overdue };
          return { body: { tables, summary: { ...summary(found, rates), schedule }, caller } };
        }
        refuseUnknownTable(ready.tables, query.tableId, { found: found.length });
        const [table] = tables;
        const [facts] = found;
        if (!table || !facts) throw new AppError('CONFIG_NOT_FOUND');
        // An earlier version may have left a configuration of a table that is not known here.
        const known = ready.tables.all.find(({ tableId }) => tableId === facts.config.tableId);
        const columns = known ? columnViews(known, facts.config) : [];
        return { body: { ...table, columns } };
      },
    }),
  },
};

/** What is known of one table. */
interface TableFacts {
  readonly config: SyncConfig;
  readonly runs: RunTotals;
  readonly running: boolean;
  readonly openRejects: number;
  /** Documents in the table's collection, by MongoDB's own count, which is an estimate. */
  readonly stored: number;
  /** What the last comparison with the lake has found. */
  readonly certificate: Certificate | undefined;
  /** The run that ended last. */
  readonly last: SyncHistory | null | undefined;
  readonly usage: TableUsage | undefined;
}

type Filter = { readonly tableId?: string };

/** Asks each question once for all tables; only the documents are counted by collection. */
async function collect(services: Services, filter: Filter): Promise<TableFacts[]> {
  const store = await services.store();
  const { tables } = services;
  const wanted = tables.all.filter((table) => (filter.tableId ?? table.tableId) === table.tableId);
  const configs = await store.configs.list(filter.tableId);
  const ids = configs.map(({ tableId }) => tableId);
  const [runs, running, rejects, certificates, usages, stored] = await Promise.all([
    store.history.runTotals(ids),
    store.jobs.activeTables(filter),
    store.rejects.countOpenByTable(ids),
    store.certificates.latestByTable(ids),
    store.usages.read(ids, firstDay(services.clock.now())),
    Promise.all(wanted.map(({ tableId }) => store.rows(tableId).estimateCount())),
  ]);
  const storedByTable = new Map(wanted.map(({ tableId }, index) => [tableId, stored[index]]));
  return configs.map((config) => ({
    config,
    runs: runs.get(config.tableId)?.sums ?? NO_RUNS,
    running: running.includes(config.tableId),
    openRejects: rejects.get(config.tableId) ?? 0,
    certificate: certificates.get(config.tableId),
    stored: storedByTable.get(config.tableId) ?? 0,
    last: runs.get(config.tableId)?.last,
    usage: usages.get(config.tableId),
  }));
}

function tableView(facts: TableFacts, rates: CreditRates) {
  const { config, runs, running, openRejects, certificate, stored, last, usage } = facts;
  const { syncHistory, records, performance } = totalsView(runs);
  return {
    tableId: config.tableId,
    tableName: config.tableName,
    enabled: config.enabled,
    syncFrequency: config.syncFrequency,
    lastSync: last ? lastSyncView(last) : null,
    lastSyncDate: timeOf(config.lastSyncDate) ?? null,
    lastSyncStatus: config.lastSyncStatus ?? null,
    running,
    refusals: refusalsView(config),
    drift: config.drift ?? [],
    certificate: certificate ? certificateSummary(certificate) : null,
    syncHistory,
    records: { ...records, stored, openRejects },
    performance,
    usage: usageView(usage ? [usage] : [], rates),
  };
}

function summary(tables: readonly TableFacts[], rates: CreditRates) {
  const { syncHistory, records, performance } = totalsView(addTotals(tables.map((t) => t.runs)));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const lastSyncs = tables.flatMap(({ config }) => timeOf(config.lastSyncDate)?.getTime() ?? []);
  return {
    totalTables: tables.length,
    enabledTables: tables.filter(({ config }) => config.enabled).length,
    runningTables: tables.filter(({ running }) => running).length,
    lastSync: lastSyncs.length > 0 ? new Date(Math.max(...lastSyncs)) : null,
    syncHistory,
    records: {
      ...records,
      stored: sum(tables.map((table) => table.stored)),
      openRejects: sum(tables.map((table) => table.openRejects)),
    },
    performance,
    usage: usageView(
      tables.flatMap(({ usage }) => usage ?? []),
      rates,
    ),
  };
}
