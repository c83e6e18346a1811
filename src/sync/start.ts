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

export interface StartRequest extends SyncRequest {
  readonly tableId: string;
  /** Run it although its configuration is disabled. */
  readonly force?: boolean | undefined;
  /** The job's id: of several starts with one id, even at the same time, one makes the job. */
  readonly jobId?: Types.ObjectId | undefined;
}

/**
 * Claims a table for a run: plans it and creates its job and history entry. From here on
 * anybody can take the run forward with `advance`.
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

/** To claim a table, where the run that held it ends in between. */
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
  // Beside documents of an earlier version every row would be there twice.
  const [isEmpty, earlierId, indexes] = await Promise.all([
    rows.hasNoOwnRows(found.sampleId),
    rows.findEarlierId(),
    context.store.ensureCriticalIndexes().catch(toAppError),
  ]);
  const config = { ...found, ...(isEmpty ? {} : await factsOfRows(context, found)) };
  const outlived = outlivedFacts({ config, now, isEmpty });
  const plan = planJob({ table, config, request, sourceHash, now, outlived });
  if (config.sourceHash !== undefined && config.sourceHash !== sourceHash) {
    throw new AppError('SOURCE_CHANGED');
  }
  // What is wrong with another tenant's table is for its own site to mend.
  if (indexes) throw indexes;
  if (earlierId !== undefined) refuseEarlier(table.collection, earlierId);
  await forget(context, config, outlived);

  const job = newJob(context, table, plan, request, trigger);
  if (!(await context.store.jobs.claimActive(job))) {
    const running = await context.store.jobs.active(table.tableId);
    // One that has ended in between may have moved the watermark: so the run is planned again.
    if (!running && attempts > 1) return begin(context, request, trigger, attempts - 1);
    throw alreadyRunning(running);
  }
  job.follows = await noteLastRun(context, job);
  // At its start: one that fails, or never ends, is not started again by each run that is due, which
  // would keep the table from reading what is new.
  if (isWholeComparison(job)) await context.store.configs.noteReconcile(table.tableId, now);
  // An earlier frontend looks at the entry too: for it the run has begun.
  const begun: Partial<SyncHistory> = { status: 'in_progress', createdAt: job.createdAt };
  const { historyId: _id, tableId } = job;
  await context.store.history.open({ ...historyOf(job), ...begun, _id, tableId });
  logRunStarted(context, job);
  return { job, config };
}

/** Whether it compares the whole table, not only the documents of a confirmed list of deletes. */
function isWholeComparison({ reconcile }: SyncJob): boolean {
  return reconcile !== undefined && reconcile.confirms === undefined;
}

/**
 * Notes in the active job which run the configuration has on record: until this one ends, no other
 * run can get there.
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
 * Takes out of the configuration what is not true any more, before a row is written: that it was
 * not shows only as long as the collection is empty, or the time not reached, and this run may
 * fail, or be one of another scope.
 */
async function forget(context: SyncContext, config: SyncConfig, outlived: Outlived): Promise<void> {
  if (outlived.watermark) await context.store.configs.forgetWatermark(config);
  if (outlived.leftovers) await context.store.configs.forgetLeftovers(config);
}

/**
 * Whose rows are stored, and of which epoch, where a configuration made since does not know: the
 * table's last run that wrote any does.
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

/** The refusal of a second run, which names the one that is active. */
export function alreadyRunning(running: SyncJob | null): AppError {
  const ids = running && { jobId: String(running._id), historyId: String(running.historyId) };
  return new AppError('SYNC_RUNNING', undefined, {
    details: [{ message: 'the active run', ...ids }],
  });
}
