import type { mongo } from 'mongoose';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { toAppError, toStoredError } from '../errors/app-error.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';
import { afterFailure } from './failure-policy.js';
import { isRefusal } from './refusals.js';
import { startJob } from './start.js';

/** Tables started by one pass: the others are due with the next one. */
const TABLES_A_PASS = 5;

/** A configuration whose time has come, and MongoDB's time. */
export type Due = mongo.WithId<SyncConfig> & { now: Date };

/** Those due for the longest time first; another tenant's are listed too, and not to be started. */
export async function dueTables(context: SyncContext): Promise<{ own: Due[]; foreign: Due[] }> {
  const pipeline = [
    { $match: { enabled: true, pausedReason: { $exists: false } } },
    { $set: { now: '$$NOW', dueAt: { $ifNull: ['$nextRunAt', new Date(0)] } } },
    { $set: { due: { $lte: ['$dueAt', '$$NOW'] } } },
    { $match: { due: true } },
    { $sort: { dueAt: 1, tableId: 1 } },
  ];
  const configs = native(context.models.configs);
  const due = await withRetry(() => configs.aggregate<Due>(pipeline).toArray(), context);
  const isForeign = ({ sourceHash }: Due) =>
    sourceHash !== undefined && sourceHash !== context.lake.sourceHash;
  return {
    own: due.filter((config) => !isForeign(config)).slice(0, TABLES_A_PASS),
    foreign: due.filter(isForeign),
  };
}

/**
 * Starts the table's run, if no other pass has.
 * @returns undefined where another pass or run came first
 * @throws AppError what startJob throws; the table's schedule has backed off then
 */
export async function startDue(context: SyncContext, config: Due): Promise<SyncJob | undefined> {
  if (!(await claim(context, config))) return undefined;
  try {
    return await startJob(context, { tableId: config.tableId }, 'schedule');
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'SYNC_RUNNING') return undefined;
    // Not known before the start where the configuration was made after the rows were written.
    if (error.code === 'SOURCE_CHANGED') throw error;
    // A table that can't even start has no job to fail: its schedule backs off all the same.
    const set = afterFailure(config, error.code, config.now);
    const refused = isRefusal(error, 'schedule');
    await context.alerts.startFailed(config, toStoredError(error), {
      givenUp: set.pausedReason,
      refused,
    });
    const configs = native(context.models.configs);
    await withRetry(() => configs.updateOne({ _id: config._id }, { $set: set }), context);
    throw error;
  }
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
