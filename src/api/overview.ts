import type { Settings } from '../config/environment.js';
import { siteEnvironment } from '../config/site-environment.js';
import type { Caller } from '../http/endpoint.js';
import type { DeleteList } from '../models/delete-list.js';
import { countOf, timeOf } from '../models/earlier-record.js';
import type { SyncConfig } from '../models/sync-config.js';
import { lastProven, verdictOf } from '../models/table-verdict.js';
import { VERDICT_KINDS, type VerdictKind } from '../models/verdict.js';
import { sameScope } from '../sync/scope.js';
import { VERSION } from '../version.js';
import { certificateSummary, heldDeletesView } from './certificate-view.js';
import { collectOverview, type OverviewFacts, type TableFacts } from './overview-facts.js';
import { judgedRun, runningView, runView, warehousesOf } from './overview-runs.js';
import type { OverviewSummary, OverviewView, TableOverview } from './overview-view.js';
import { ofThisSite } from './refused-starts.js';
import type { Services } from './services.js';

interface Asked {
  readonly settings: Settings;
  readonly siteUrl: string | undefined;
  readonly caller: Caller | undefined;
}

/** What one screen shows of all tables. @throws AppError MONGODB_* */
export async function readOverview(
  services: Services,
  { settings, siteUrl, caller }: Asked,
): Promise<OverviewView & Record<string, unknown>> {
  const facts = await collectOverview(services);
  const tables = facts.tables.map((table) => tableView(table, facts));
  return {
    environment: siteEnvironment(siteUrl, settings),
    version: VERSION,
    now: facts.now,
    caller,
    summary: summaryOf(tables, facts),
    tables,
  };
}

function tableView(table: TableFacts, facts: OverviewFacts): TableOverview {
  const { tableId, definition, config, held, certificate, active } = table;
  const configured = warehousesOf(config?.options?.whseid);
  const runs = table.runs.map((run) => judgedRun(run, configured));
  const isOwn = certificate && sameScope(configured, certificate.scope.whseids ?? undefined);
  const verdict = verdictOf({
    now: facts.now,
    config,
    runs,
    running: active !== undefined,
    certificate: isOwn ? certificate : undefined,
    openDifferences: table.openDifferences,
    held,
    refusals: Object.values(ofThisSite(config?.refusals, facts.source)),
    freshnessLimitMinutes: facts.freshnessLimitMinutes,
  });
  return {
    tableId,
    tableName: String(config?.tableName ?? definition?.tableName ?? tableId),
    known: definition !== undefined,
    verdict,
    freshness: {
      watermark: timeOf(config?.watermark) ?? null,
      sourceNewest: table.sourceNewest ?? null,
      provenAsOf: lastProven(runs, facts.now)?.startTime ?? null,
    },
    openRejects: table.openRejects,
    openDifferences: table.openDifferences,
    heldDeletes: held ? heldView(held) : null,
    certificate: certificate ? certificateSummary(certificate) : null,
    ...scheduleView(config),
    running: active ? runningView(active, facts.now.getTime()) : null,
    runs: table.runs.map(runView),
  };
}

function heldView(list: DeleteList): TableOverview['heldDeletes'] {
  const { hash, deletes, jobId, createdAt, confirmableUntil } = heldDeletesView(list);
  return { hash, deletes, jobId, createdAt, confirmableUntil };
}

function scheduleView(
  config: SyncConfig | undefined,
): Pick<TableOverview, 'syncFrequency' | 'nextRunAt' | 'pausedReason'> {
  if (!config) return { syncFrequency: null, nextRunAt: null, pausedReason: null };
  const { enabled, pausedReason, syncFrequency, nextRunAt, createdAt } = config;
  const isScheduled = enabled === true && pausedReason === undefined;
  const next = timeOf(nextRunAt) ?? timeOf(createdAt);
  return {
    syncFrequency: countOf(syncFrequency) || null,
    nextRunAt: (isScheduled && next) || null,
    pausedReason: typeof pausedReason === 'string' ? pausedReason : null,
  };
}

function summaryOf(tables: readonly TableOverview[], { schedule }: OverviewFacts): OverviewSummary {
  const verdicts = tables.map(({ verdict }) => verdict);
  const equal = verdicts.flatMap((one) => (one.kind === 'equal' ? one.asOf : []));
  const proven = verdicts.flatMap((one) => (one.kind === 'proven' ? one.asOf : []));
  const sum = (count: (table: TableOverview) => number) =>
    tables.reduce((total, table) => total + count(table), 0);
  return {
    tables: tables.length,
    verdicts: Object.fromEntries(
      VERDICT_KINDS.map((kind) => [kind, verdicts.filter((one) => one.kind === kind).length]),
      // Each kind is an entry, which `fromEntries` doesn't say.
    ) as Record<VerdictKind, number>,
    running: tables.filter(({ running }) => running !== null).length,
    equalAsOf: oldest(equal),
    provenAsOf: oldest([...equal, ...proven]),
    openRejects: sum(({ openRejects }) => openRejects),
    openDifferences: sum(({ openDifferences }) => openDifferences),
    heldDeletes: sum(({ heldDeletes }) => heldDeletes?.deletes ?? 0),
    schedule: { lastPass: schedule.lastPass, overdue: schedule.overdue },
  };
}

function oldest(times: readonly Date[]): Date | null {
  return times.length > 0 ? new Date(Math.min(...times.map(Number))) : null;
}
