import { dateRange } from '../datafabric/date-range.js';
import { AppError } from '../errors/app-error.js';
import type { Leftovers, SyncConfig } from '../models/sync-config.js';
import type { JobScope, SyncJob, SyncMode } from '../models/sync-job.js';
import { shapeHash } from '../rows/shape-hash.js';
import { columnKinds } from '../tables/column-kinds.js';
import type { TableDefinition } from '../tables/table.js';
import { type Warehouses, warehouseList } from '../tables/warehouses.js';
import { covers, sameScope } from './scope.js';

const MINUTE_MS = 60_000;
/** After a lake has refused to state totals, or to list columns or groups, it is asked again after this. */
const REFUSED_MS = 7 * 24 * 60 * MINUTE_MS;
const DEFAULT_DATE_COLUMN = 'ADDDATE';

/** The options of one run; what is left out comes from the configuration. */
export interface SyncRequest {
  readonly mode?: SyncMode | 'reconcile' | undefined;
  /** With `mode: "reconcile"`: differences are repaired, not only reported. */
  readonly repair?: boolean | undefined;
  /** With `mode: "reconcile"`: every row is read, and every value compared. */
  readonly deep?: boolean | undefined;
  /** The hash of a held list of deletes that an operator has confirmed. */
  readonly confirms?: string | undefined;
  /** The lake's rows replace every stored version, whatever its index time. */
  readonly rebuild?: boolean | undefined;
  readonly whseid?: Warehouses | undefined;
  /** A date or an ISO date-time; `startDate` or `endDate` makes the run a backfill. */
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
  readonly dateColumn?: string | undefined;
  readonly batchSize?: number | undefined;
  /** 0: no limit. In the configured scope the next run continues with the rows beyond the limit. */
  readonly maxRecords?: number | undefined;
}

export type JobPlan = Pick<
  SyncJob,
  | 'mode'
  | 'phase'
  | 'scope'
  | 'batchSize'
  | 'maxWorkers'
  | 'limit'
  | 'deleteMode'
  | 'deleteFlag'
  | 'hashes'
  | 'range'
  | 'epoch'
  | 'totals'
  | 'lookbackMinutes'
> &
  Partial<
    Pick<
      SyncJob,
      | 'modeReason'
      | 'watermarkBefore'
      | 'lakeObject'
      | 'columnNames'
      | 'configuredKinds'
      | 'listedKinds'
      | 'shapedBy'
      | 'emptyWarehouses'
      | 'initialSyncAskedAt'
      | 'rebuild'
      | 'reconcile'
      | 'deleteGuardPercent'
      | 'window'
    >
  > & {
    /** Leftovers of an earlier run, which this run reads under that run's ceiling. */
    readonly leftovers?: Leftovers;
  };

interface PlanInput {
  readonly table: TableDefinition;
  readonly config: SyncConfig;
  readonly request: SyncRequest;
  readonly sourceHash: string;
  /** By MongoDB's clock. */
  readonly now: Date;
  readonly outlived?: Outlived;
}

/** Facts of a configuration that no longer hold, and why. */
export interface Outlived {
  readonly watermark?: 'target_empty' | 'watermark_in_future';
  readonly leftovers?: boolean;
}

/**
 * Finds the facts of a configuration that no longer hold. Pure.
 * @param isEmpty no row of the table is stored
 */
export function outlivedFacts({
  config: { watermark, leftovers },
  now,
  isEmpty,
}: Pick<PlanInput, 'config' | 'now'> & { readonly isEmpty: boolean }): Outlived {
  // A watermark in the future would skip rows that change until then.
  const inFuture = watermark && watermark > now && 'watermark_in_future';
  const reason = inFuture || (watermark && isEmpty && 'target_empty');
  // The rows that earlier runs stored are gone: the leftovers alone are not the whole table.
  const isLost = isEmpty && hasStored(leftovers);
  return { ...(reason && { watermark: reason }), ...(isLost && { leftovers: true }) };
}

/**
 * Decides what a run covers. Pure: everything that it depends on is frozen into the job.
 * @throws VALIDATION_FAILED for a request that contradicts itself
 */
export function planJob(input: PlanInput): JobPlan {
  const { table, config, request, sourceHash, now, outlived = {} } = input;
  const date = backfillRange(input);
  checkRebuild(request, date);
  checkReconcile(request);
  const configured = warehouseList(config.options.whseid);
  const whseids = distinct(warehouseList(request.whseid) ?? configured);
  const own = !date && sameScope(configured, whseids);
  const reconcile = reconcileOf(request);
  if (reconcile && !own) {
    invalid('whseid', 'a reconcile compares what is configured: leave it out');
  }
  const scope: JobScope = { own, ...(whseids && { whseids }), ...(date && { date }) };
  const { listedKinds: listed, options } = config;
  const kinds = { configured: options.columns, listed };
  const shape = shapeHash(table, kinds);
  const { lakeObject, columnNames, emptyWarehouses, initialSyncAskedAt, epoch = 0 } = config;
  const base = {
    scope,
    limit: reconcile ? { rows: 0, keepRest: own } : limitOf(config, request, own),
    batchSize: request.batchSize ?? config.batchSize,
    maxWorkers: config.maxWorkers ?? 1,
    deleteMode: config.options.deleteMode ?? 'soft',
    deleteFlag: lakeObject ? lakeObject.deletes === 'told' : (config.deleteFlag ?? false),
    hashes: { scope: config.scopeHash, shape, source: sourceHash },
    epoch: request.rebuild ? epoch + 1 : epoch,
    totals: !isRecent(config.totalsRefusedAt, now),
    lookbackMinutes: config.lookbackMinutes,
    ...(config.watermark && !outlived.watermark && { watermarkBefore: config.watermark }),
    ...(lakeObject && { lakeObject }),
    ...(columnNames && { columnNames }),
    ...(options.columns && { configuredKinds: options.columns }),
    ...(listed && { listedKinds: listed, shapedBy: listed }),
    ...(own && emptyWarehouses && { emptyWarehouses }),
    ...(initialSyncAskedAt && { initialSyncAskedAt }),
    ...(reconcile && { reconcile }),
    ...(options.deleteGuard && { deleteGuardPercent: options.deleteGuard.percent }),
  } as const;
  // A full run learns the object again; others use what is known.
  const isKnown = lakeObject || isRecent(config.objectAskedAt, now);
  const phase = isKnown ? 'counting' : 'learning';

  if (date) return { ...base, mode: 'backfill', phase, range: {} };
  const isWhole = own && !outlived.watermark && !outlived.leftovers;
  const rest = isWhole ? restOf(config, request, shape) : undefined;
  if (rest) return resume(base, rest);
  const reason = reasonForFull(input, shape, whseids);
  if (reason) {
    const rebuild = request.rebuild || (own && config.rebuilding);
    const full = { mode: 'full', modeReason: reason, phase: 'learning', range: {} } as const;
    return { ...base, ...full, ...(rebuild && { rebuild: true as const }) };
  }
  const window = own ? windowOf(input) : undefined;
  const range = incrementalFrom(config);
  return { ...base, mode: 'incremental', phase, range, ...(window && { window }) };
}

/** What the run needs to count in groups; undefined: it counts without groups. */
function windowOf({ config, now }: PlanInput): SyncJob['window'] {
  const { groupsRefusedAt, leftovers, windowDigest } = config;
  if (isRecent(groupsRefusedAt, now)) return undefined;
  // While there are leftovers, the window must be read even if it has not changed.
  return windowDigest !== undefined && !leftovers ? { lastDigest: windowDigest } : {};
}

/** @throws VALIDATION_FAILED for a request that contradicts itself, regardless of the table's state */
export function checkRequest(
  table: TableDefinition,
  config: SyncConfig,
  request: SyncRequest,
): void {
  planJob({ table, config, request, sourceHash: '', now: new Date() });
}

/** The leftovers of an earlier run, if this run continues with them. */
function restOf(config: SyncConfig, { mode }: SyncRequest, shape: string): Leftovers | undefined {
  const { leftovers, epoch = 0 } = config;
  if (!leftovers || mode === 'full' || leftovers.shapeHash !== shape) return undefined;
  // Leftovers frozen before a rebuild would bring back versions that the rebuild replaced.
  if ((leftovers.epoch ?? 0) !== epoch) return undefined;
  // `initialSync` continues a full run's leftovers: restarting from the beginning would never end.
  return leftovers.mode === 'full' || !wantsEverything(config) ? leftovers : undefined;
}

/** Whether any row that earlier runs read of this result could be stored. */
function hasStored(leftovers: Leftovers | undefined): boolean {
  if (!leftovers) return false;
  const { received } = leftovers;
  return received?.rejected === undefined || received.rejected < received.rows;
}

function resume<B extends object>(base: B, leftovers: Leftovers) {
  const { mode, from, ceiling, deleteFlag, rebuild } = leftovers;
  const range = { ...(from && { from }), ceiling };
  const modeReason = 'rest_of_earlier_run';
  const phase = 'querying' as const;
  const resumed = { mode, deleteFlag, modeReason, phase, range, leftovers };
  return { ...base, ...resumed, ...(rebuild && { rebuild }) };
}

function incrementalFrom(config: SyncConfig): { from?: Date } {
  const { watermark, lookbackMinutes } = config;
  return watermark ? { from: new Date(watermark.getTime() - lookbackMinutes * MINUTE_MS) } : {};
}

/** @returns why a full run is needed, or undefined if an incremental one is enough */
function reasonForFull(
  { config, request, outlived }: PlanInput,
  shape: string,
  whseids: readonly string[] | undefined,
): string | undefined {
  if (request.mode === 'full') return request.rebuild ? 'rebuild' : 'requested';
  if (config.rebuilding) return 'rebuild_unfinished';
  if (!config.watermark) return 'no_watermark';
  if (outlived?.watermark) return outlived.watermark;
  if (wantsEverything(config)) return 'initial_sync';
  if (config.shapeHash !== shape) return 'columns_changed';
  // The watermark says nothing about a warehouse that the configuration doesn't cover.
  return covers(warehouseList(config.options.whseid), whseids)
    ? undefined
    : 'warehouse_not_covered';
}

/** Not if only warehouses without rows are missing: their first rows will be found as new ones. */
function wantsEverything({ initialSync, emptyWarehouses }: SyncConfig): boolean {
  return initialSync && !emptyWarehouses;
}

function isRecent(at: Date | undefined, now: Date): boolean {
  return at !== undefined && now.getTime() - at.getTime() < REFUSED_MS;
}

function distinct(whseids: readonly string[] | undefined): string[] | undefined {
  return whseids && [...new Set(whseids)];
}

/** The state of a run that reconciles, at its start; undefined: the run doesn't reconcile. */
function reconcileOf({ mode, repair = false, deep, confirms }: SyncRequest): SyncJob['reconcile'] {
  if (mode !== 'reconcile') return undefined;
  const cost = { queries: 0, pages: 0, rowsRead: 0, workMs: 0 };
  return {
    repair,
    ...(deep && { deep: true as const }),
    cost,
    ...(confirms !== undefined && { confirms }),
  };
}

function checkReconcile({ mode, repair, deep, maxRecords = 0 }: SyncRequest): void {
  if (mode !== 'reconcile') {
    if (repair !== undefined) invalid('repair', 'needs "mode": "reconcile"');
    if (deep !== undefined) invalid('deep', 'needs "mode": "reconcile"');
    return;
  }
  if (maxRecords > 0)
    invalid('maxRecords', 'a reconcile reads everything that is new: leave it out');
}

function checkRebuild({ mode, rebuild }: SyncRequest, date: JobScope['date']): void {
  if (rebuild && (mode !== 'full' || date)) {
    invalid('rebuild', 'a rebuild reads everything: it needs "mode": "full" and no dates');
  }
}

function limitOf(config: SyncConfig, request: SyncRequest, own: boolean): SyncJob['limit'] {
  const { maxRecords = own ? config.maxRecords : 0 } = request;
  return { rows: maxRecords, keepRest: own };
}

function backfillRange({ table, config, request }: PlanInput): JobScope['date'] {
  const { mode, startDate, endDate, dateColumn } = request;
  const hasDate = startDate !== undefined || endDate !== undefined;
  if (!hasDate && mode !== 'backfill') {
    if (dateColumn !== undefined) invalid('dateColumn', 'needs a startDate or an endDate');
    return undefined;
  }
  if (!hasDate) invalid('startDate', 'a backfill needs a startDate, an endDate or both');
  if (mode !== undefined && mode !== 'backfill') {
    invalid('mode', `a run with startDate or endDate is a backfill, not ${mode}`);
  }
  const column = (dateColumn ?? DEFAULT_DATE_COLUMN).toUpperCase();
  const { listedKinds: listed, options } = config;
  if (columnKinds(table, { configured: options.columns, listed })(column).kind !== 'date') {
    invalid('dateColumn', `must be a date column of ${table.tableId}`);
  }
  return { column, ...dateRange(startDate, endDate) };
}

function invalid(field: string, message: string): never {
  throw new AppError('VALIDATION_FAILED', undefined, { details: [{ field, message }] });
}
