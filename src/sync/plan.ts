import { dateRange } from '../datafabric/date-range.js';
import { AppError } from '../errors/app-error.js';
import type { Leftovers, SyncConfig } from '../models/sync-config.js';
import type { JobScope, SyncJob, SyncMode } from '../models/sync-job.js';
import { shapeHash } from '../tables/registry.js';
import type { TableDefinition } from '../tables/table.js';
import { covers, sameScope } from './scope.js';

/** What a caller may ask of one run; what is left out comes from the configuration. */
export interface SyncRequest {
  readonly mode?: SyncMode | undefined;
  readonly whseid?: readonly string[] | undefined;
  /** A date, or an ISO date-time; either one makes the run a backfill. */
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
  readonly dateColumn?: string | undefined;
  readonly batchSize?: number | undefined;
  /** 0 is no limit. What is over the limit is not kept for a later run. */
  readonly maxRecords?: number | undefined;
}

export type JobPlan = Pick<
  SyncJob,
  | 'mode'
  | 'scope'
  | 'batchSize'
  | 'maxWorkers'
  | 'limit'
  | 'deleteMode'
  | 'deleteFlag'
  | 'hashes'
  | 'range'
> &
  Partial<Pick<SyncJob, 'modeReason' | 'watermarkBefore'>> & {
    /** The rest of an earlier run, to be finished under its own ceiling. */
    readonly leftovers?: Leftovers;
  };

interface PlanInput {
  readonly table: TableDefinition;
  readonly config: SyncConfig;
  readonly request: SyncRequest;
  readonly sourceHash: string;
}

const MINUTE_MS = 60_000;
const DEFAULT_DATE_COLUMN = 'ADDDATE';

/**
 * Decides what a run covers. Pure: everything that it depends on is frozen into the job.
 * @throws VALIDATION_FAILED for a request that contradicts itself
 */
export function planJob({ table, config, request, sourceHash }: PlanInput): JobPlan {
  const date = backfillRange(table, request);
  const whseids = request.whseid ?? config.options.whseid;
  const own = !date && sameScope(config.options.whseid, whseids);
  const scope: JobScope = { own, ...(whseids && { whseids: [...whseids] }), ...(date && { date }) };
  const shape = shapeHash(table);
  const limit = limitOf(config, request, own);
  const base = {
    scope,
    limit,
    batchSize: request.batchSize ?? config.batchSize,
    maxWorkers: config.maxWorkers ?? 1,
    deleteMode: config.options.deleteMode ?? 'soft',
    deleteFlag: config.deleteFlag ?? false,
    hashes: { scope: config.scopeHash, shape, source: sourceHash },
    ...(config.watermark && { watermarkBefore: config.watermark }),
  } as const;

  if (date) return { ...base, mode: 'backfill', range: {} };
  const { leftovers } = config;
  if (leftovers && own && request.mode !== 'full' && !request.maxRecords) {
    // The rest of a full run is what `initialSync` asks for: begun anew it would never end.
    const wanted = leftovers.mode === 'full' || !config.initialSync;
    if (leftovers.shapeHash === shape && wanted) return resume(base, leftovers);
  }
  const reason = reasonForFull(config, request, shape, whseids);
  if (reason) return { ...base, mode: 'full', modeReason: reason, range: {} };
  return { ...base, mode: 'incremental', range: { ...incrementalFrom(config) } };
}

function resume<B extends object>(base: B, leftovers: Leftovers) {
  const { mode, from, ceiling, deleteFlag } = leftovers;
  const range = { ...(from && { from }), ceiling };
  return { ...base, mode, deleteFlag, modeReason: 'rest_of_earlier_run', range, leftovers };
}

function incrementalFrom(config: SyncConfig): { from?: Date } {
  const { watermark, lookbackMinutes } = config;
  return watermark ? { from: new Date(watermark.getTime() - lookbackMinutes * MINUTE_MS) } : {};
}

/** @returns why everything has to be read, or undefined where what changed is enough */
function reasonForFull(
  config: SyncConfig,
  request: SyncRequest,
  shape: string,
  whseids: readonly string[] | undefined,
): string | undefined {
  if (request.mode === 'full') return 'requested';
  if (!config.watermark) return 'no_watermark';
  if (config.initialSync) return 'initial_sync';
  if (config.shapeHash !== shape) return 'columns_changed';
  // The watermark says nothing about a warehouse that the configuration doesn't cover.
  return covers(config.options.whseid, whseids) ? undefined : 'warehouse_not_covered';
}

function limitOf(config: SyncConfig, request: SyncRequest, own: boolean): SyncJob['limit'] {
  if (request.maxRecords !== undefined) return { rows: request.maxRecords, keepRest: false };
  return own ? { rows: config.maxRecords, keepRest: true } : { rows: 0, keepRest: false };
}

function backfillRange(table: TableDefinition, request: SyncRequest): JobScope['date'] {
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
  if (table.columns[column] !== 'date') {
    invalid('dateColumn', `must be a date column of ${table.tableId}`);
  }
  return { column, ...dateRange(startDate, endDate) };
}

function invalid(field: string, message: string): never {
  throw new AppError('VALIDATION_FAILED', undefined, { details: [{ field, message }] });
}
