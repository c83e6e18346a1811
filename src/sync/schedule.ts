import type { mongo, Types } from 'mongoose';
import type { SilentRun } from '../alerts/alert.js';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { AppError, type StoredError, toAppError, toStoredError } from '../errors/app-error.js';
import type { SyncConfig } from '../models/sync-config.js';
import { advance } from './advance.js';
import type { SyncContext } from './context.js';
import { dispatch, type SendOrder } from './dispatch.js';
import { afterFailure } from './failure-policy.js';
import { startJob } from './start.js';

export interface PassResult {
  readonly syncedTables: { tableId: string; jobId: string; how: 'started' | 'resumed' }[];
  readonly errors: ({ tableId: string } & StoredError)[];
}

/** Tables started by one pass: the others are due with the next one. */
const TABLES_A_PASS = 5;

/**
 * One pass of the schedule: starts what is due, and takes up runs whose workers have gone
 * silent. Several passes at a time start each table once; after a downtime each runs once.
 * One table's failure never stops the others.
 */
export async function runDue(
  context: SyncContext,
  send: SendOrder,
  deadline: number,
): Promise<PassResult> {
  const result: PassResult = { syncedTables: [], errors: [] };
  const inline: Types.ObjectId[] = [];
  for (const job of await silentJobs(context)) {
    await attempt(result, job.tableId, async () => {
      context.log.warn({ jobId: String(job._id), tableId: job.tableId }, 'run taken up again');
      await context.alerts.runTakenUp(job);
      if (!(await dispatch(context, send, job._id))) inline.push(job._id);
      result.syncedTables.push({ tableId: job.tableId, jobId: String(job._id), how: 'resumed' });
    });
  }
  for (const config of await dueConfigs(context)) {
    // Another tenant's table is for its own site to sync: its schedule is not touched.
    if (isForeign(config, context)) {
      result.errors.push({ tableId: config.tableId, ...toStoredError(sourceChanged()) });
      continue;
    }
    await attempt(result, config.tableId, async () => {
      if (!(await claim(context, config))) return;
      const job = await start(context, config);
      if (!job) return;
      if (!(await dispatch(context, send, job._id))) inline.push(job._id);
      result.syncedTables.push({ tableId: config.tableId, jobId: String(job._id), how: 'started' });
    });
  }
  // Before the work that takes the rest of the time.
  await context.alerts.pass();
  // A site that can't call itself does the work here, as far as the time goes.
  for (const jobId of inline) {
    if (context.clock.now() >= deadline) break;
    await advance(context, jobId, deadline).catch((error) =>
      context.log.error({ err: error, jobId: String(jobId) }, 'inline slice failed'),
    );
  }
  return result;
}

async function attempt(result: PassResult, tableId: string, action: () => Promise<void>) {
  try {
    await action();
  } catch (error) {
    result.errors.push({ tableId, ...toStoredError(error) });
  }
}

async function silentJobs(context: SyncContext) {
  const silent = {
    $dateAdd: { startDate: '$heartbeat', unit: 'millisecond', amount: context.leaseMs },
  };
  const pipeline = [
    { $match: { active: true } },
    { $set: { silent: { $lte: [silent, '$$NOW'] } } },
    { $match: { silent: true } },
    { $project: { tableId: 1, tableName: 1, historyId: 1, heartbeat: 1 } },
  ];
  const jobs = native(context.models.jobs);
  return withRetry(() => jobs.aggregate<SilentRun>(pipeline).toArray(), context);
}

const sourceChanged = () => new AppError('SOURCE_CHANGED');

function isForeign({ sourceHash }: SyncConfig, { lake }: SyncContext): boolean {
  return sourceHash !== undefined && sourceHash !== lake.sourceHash;
}

type Due = mongo.WithId<SyncConfig> & { now: Date };

async function dueConfigs(context: SyncContext): Promise<Due[]> {
  const pipeline = [
    { $match: { enabled: true, pausedReason: { $exists: false } } },
    { $set: { now: '$$NOW', dueAt: { $ifNull: ['$nextRunAt', new Date(0)] } } },
    { $set: { due: { $lte: ['$dueAt', '$$NOW'] } } },
    { $match: { due: true } },
    { $sort: { dueAt: 1, tableId: 1 } },
  ];
  const configs = native(context.models.configs);
  const due = await withRetry(() => configs.aggregate<Due>(pipeline).toArray(), context);
  const foreign = due.filter((config) => isForeign(config, context));
  const own = due.filter((config) => !isForeign(config, context));
  return [...own.slice(0, TABLES_A_PASS), ...foreign];
}

/** Moves the table's next run on, if no other pass has. */
async function claim(context: SyncContext, { _id, nextRunAt, now, syncFrequency }: Due) {
  const configs = native(context.models.configs);
  const { matchedCount } = await withRetry(
    () =>
      configs.updateOne(
        { _id, nextRunAt: nextRunAt ?? { $exists: false } } as mongo.Filter<SyncConfig>,
        { $set: { nextRunAt: new Date(now.getTime() + syncFrequency * 60_000) } },
      ),
    context,
  );
  return matchedCount > 0;
}

/** @returns undefined where a run of the table is active already */
async function start(context: SyncContext, config: Due) {
  try {
    return await startJob(context, { tableId: config.tableId }, 'schedule');
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'SYNC_RUNNING') return undefined;
    // Not known before the start where the configuration was made after the rows were written.
    if (error.code === 'SOURCE_CHANGED') throw error;
    // A table that can't even start has no job to fail: its schedule backs off all the same.
    const set = afterFailure(config, error.code, config.now);
    await context.alerts.startFailed(config, toStoredError(error), set.pausedReason);
    const configs = native(context.models.configs);
    await withRetry(() => configs.updateOne({ _id: config._id }, { $set: set }), context);
    throw error;
  }
}
