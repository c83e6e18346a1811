import { Types } from 'mongoose';
import { AppError, toAppError } from '../errors/app-error.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';
import type { SyncContext } from './context.js';
import { historyOf } from './history-entry.js';
import { type JobPlan, type Outlived, outlivedFacts, planJob, type SyncRequest } from './plan.js';
import { endRefusals, noteRefusal } from './refusals.js';
import { logRunStarted } from './slice-log.js';
import { noStats } from './stats.js';

/** Each start would list six collections' indexes, which next to never change. */
const INDEXES_MS = 60_000;

export interface StartRequest extends SyncRequest {
  readonly tableId: string;
  /** Run it although its configuration is disabled. */
  readonly force?: boolean | undefined;
  /** The job's id: of several starts with the same id, even concurrent ones, one creates the job. */
  readonly jobId?: Types.ObjectId | undefined;
}

/**
 * Claims a table for a run: plans it and creates its job and history entry. From then on any worker
 * can work on the run with `advance`.
 * @throws UNKNOWN_TABLE, CONFIG_NOT_FOUND, TABLE_DISABLED, SOURCE_CHANGED, EARLIER_DATA,
 *   VALIDATION_FAILED; SYNC_RUNNING, naming the active job
 */
export async function startJob(
  context: SyncContext,
  request: StartRequest,
  trigger: SyncJob['trigger'],
): Promise<SyncJob> {
  try {
    const { job, config } = await begin(context, request, trigger, ATTEMPTS);
    await endRefusals(context, config);
    return job;
  } catch (error) {
    await noteRefusal(context, request.tableId, error, trigger);
    throw error;
  }
}

/** Attempts to claim a table, if the run that had it ends in between. */
const ATTEMPTS = 3;

async function begin(
  context: SyncContext,
  request: StartRequest,
  trigger: SyncJob['trigger'],
  attempts: number,
): Promise<{ job: SyncJob; config: SyncConfig }> {
  const { tables, lake } = context;
  const { sourceHash } = lake;
  const table = tables.get(request.tableId);
  const read = await context.store.configs.findWithNow(table.tableId);
  if (!read) throw new AppError('CONFIG_NOT_FOUND');
  const { now, ...found } = read;
  if (found.scopeHash === undefined) refuseEarlier('syncconfigs', found._id);
  if (!found.enabled && !request.force) throw new AppError('TABLE_DISABLED');
  const rows = context.store.rows(table.tableId);
  // Next to documents of an earlier version every row would be stored twice.
  const [isEmpty, earlierId, indexes] = await Promise.all([
    rows.hasNoOwnRows(found.sampleId),
    rows.findEarlierId(),
    context.store.ensureCriticalIndexes(INDEXES_MS).catch(toAppError),
  ]);
  const config = { ...found, ...(isEmpty ? {} : await factsOfRows(context, found)) };
  const outlived = outlivedFacts({ config, now, isEmpty });
  const plan = planJob({ table, config, request, sourceHash, now, outlived });
  if (config.sourceHash !== undefined && config.sourceHash !== sourceHash) {
    throw new AppError('SOURCE_CHANGED');
  }
  // After the source check: problems of another source's table are for its own site to solve.
  if (indexes) throw indexes;
  if (earlierId !== undefined) refuseEarlier(table.collection, earlierId);
  await forget(context, config, outlived);

  const job = newJob(context, table, plan, request, trigger);
  if (!(await context.store.jobs.claimActive(job))) {
    const running = await context.store.jobs.active(table.tableId);
    // A run that ended in between may have moved the watermark, so this run is planned again.
    if (!running && attempts > 1) return begin(context, request, trigger, attempts - 1);
    throw alreadyRunning(running);
  }
  job.follows = await noteLastRun(context, job);
  // Recorded at the start: otherwise a comparison that fails or never ends would be started again by
  // each due run, and the table would not read new rows.
  if (isWholeComparison(job)) await context.store.configs.noteReconcile(table.tableId, now);
  // Earlier frontends read the entry, too: to them the run has begun.
  const begun: Partial<SyncHistory> = { status: 'in_progress', createdAt: job.createdAt };
  const { historyId: _id, tableId } = job;
  await context.store.history.open({ ...historyOf(job), ...begun, _id, tableId });
  logRunStarted(context, job);
  return { job, config };
}

/** Whether the job compares the whole table, not only the documents of a confirmed list of deletes. */
function isWholeComparison({ reconcile }: SyncJob): boolean {
  return reconcile !== undefined && reconcile.confirms === undefined;
}

/**
 * Records in the active job the last run that the configuration has on record. No other run can be
 * recorded there until this one ends.
 */
async function noteLastRun(
  context: SyncContext,
  { _id, tableId }: SyncJob,
): Promise<string | null> {
  const config = await context.store.configs.find(tableId);
  const follows = config?.lastSyncJobId ?? null;
  await context.store.jobs.setFollows(_id, follows);
  return follows;
}

/**
 * Removes facts that no longer hold from the configuration before a row is written. They can be
 * recognized only while the collection is empty, or the watermark in the future; this run may fail
 * or have another scope, and then would not replace them.
 */
async function forget(context: SyncContext, config: SyncConfig, outlived: Outlived): Promise<void> {
  if (outlived.watermark) await context.store.configs.forgetWatermark(config);
  if (outlived.leftovers) await context.store.configs.forgetLeftovers(config);
}

/**
 * The source and epoch of the stored rows, if the configuration doesn't have them because it was
 * created later: they are taken from the table's last run that may have written rows.
 */
export async function factsOfRows(
  context: SyncContext,
  { tableId, sourceHash }: SyncConfig,
): Promise<Pick<SyncConfig, 'sourceHash' | 'epoch'>> {
  if (sourceHash !== undefined) return {};
  const last = await context.store.jobs.lastWithQuery(tableId);
  return last ? { sourceHash: last.hashes.source, ...(last.epoch && { epoch: last.epoch }) } : {};
}

function refuseEarlier(collection: string, id: unknown): never {
  throw new AppError('EARLIER_DATA', undefined, {
    details: [{ message: `collection ${collection}, for example _id ${String(id)}` }],
  });
}

function newJob(
  context: SyncContext,
  table: TableDefinition,
  { leftovers, ...plan }: JobPlan,
  { tableId, jobId = new Types.ObjectId(), ...options }: StartRequest,
  trigger: SyncJob['trigger'],
): SyncJob {
  const now = new Date(context.clock.now());
  const rest = leftovers && {
    query: leftovers.query,
    inherited: true as const,
    queryAttempts: 1,
    startOffset: leftovers.offset,
    totalRecords: leftovers.totalRecords,
    ...(leftovers.asOf && { asOf: leftovers.asOf }),
    ...(leftovers.stated && { stated: leftovers.stated }),
    ...(leftovers.received && { carried: leftovers.received }),
  };
  return {
    _id: jobId,
    historyId: new Types.ObjectId(),
    jobType: 'sync',
    tableId,
    tableName: table.tableName,
    trigger,
    ...plan,
    status: 'pending',
    active: true,
    options: Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)),
    queryAttempts: 0,
    startOffset: 0,
    segments: [],
    totalRecords: 0,
    stats: noStats(now),
    unknownColumns: [],
    warnings: [],
    heartbeat: now,
    createdAt: now,
    updatedAt: now,
    ...rest,
  };
}

/** The error for a second run of a table; it names the active one. */
export function alreadyRunning(running: SyncJob | null): AppError {
  const ids = running && { jobId: String(running._id), historyId: String(running.historyId) };
  return new AppError('SYNC_RUNNING', undefined, {
    details: [{ message: 'the active run', ...ids }],
  });
}
