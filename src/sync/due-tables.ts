import { toAppError, toStoredError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import type { ConfigWithNow } from '../store/configs.js';
import type { SyncContext } from './context.js';
import { afterFailure, nextAfter } from './failure-policy.js';
import { dueReconcile } from './reconcile/due.js';
import { isRefusal } from './refusals.js';
import { factsOfRows, startJob } from './start.js';

/** Tables that one pass starts; the others stay due for the next pass. */
const TABLES_A_PASS = 20;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A configuration that is due, and MongoDB's time. */
export type Due = ConfigWithNow;

/** Due tables, the longest due first. Those of another source (`foreign`) must not be started. */
export async function dueTables(context: SyncContext): Promise<{ own: Due[]; foreign: Due[] }> {
  const found = await context.store.configs.listScheduledByDueTime();
  const due = found.filter(isDue);
  const isOwn = await Promise.all(due.map((config) => hasOwnRows(context, config)));
  return {
    own: due.filter((_, at) => isOwn[at]).slice(0, TABLES_A_PASS),
    foreign: due.filter((_, at) => !isOwn[at]),
  };
}

/**
 * No run is scheduled more than two days and twice its interval ahead. If one seems to be, MongoDB's
 * clock has stepped back since; without this check its table would not run.
 */
function isDue({ nextRunAt, now, syncFrequency }: Due): boolean {
  const leftMs = nextRunAt ? nextRunAt.getTime() - now.getTime() : 0;
  return leftMs <= 0 || leftMs > 2 * Math.max(DAY_MS, syncFrequency * MINUTE_MS);
}

/** A configuration that was deleted and created again does not state the source of its rows. */
async function hasOwnRows(context: SyncContext, config: Due): Promise<boolean> {
  const { sourceHash } = { ...config, ...(await factsOfRows(context, config)) };
  return sourceHash === undefined || sourceHash === context.lake.sourceHash;
}

/**
 * Starts the table's run, unless another pass has.
 * @returns undefined if another pass or run came first
 * @throws AppError what startJob throws; the table's schedule has then backed off
 */
export async function startDue(context: SyncContext, config: Due): Promise<SyncJob | undefined> {
  const next = nextAfter(config, config.now);
  if (!(await context.store.configs.takeDue(config, next))) return undefined;
  try {
    const { tableId, now } = config;
    return await startJob(context, { tableId, ...dueReconcile(config, now) }, 'schedule');
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'SYNC_RUNNING') return undefined;
    // Another tenant's run came in between.
    if (error.code === 'SOURCE_CHANGED') throw error;
    // A table that can't start has no job that could fail: its schedule backs off all the same.
    const set = afterFailure(config, error.code, config.now);
    const refused = isRefusal(error, 'schedule');
    await context.alerts.startFailed(config, toStoredError(error), {
      givenUp: set.pausedReason,
      refused,
    });
    await context.store.configs.backOff(config, set);
    throw error;
  }
}
