import type { mongo } from 'mongoose';
import { type AppError, toAppError, toStoredError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { errorFields } from '../errors/error-fields.js';
import type { Refusal } from '../models/refusal.js';
import type { SyncConfig } from '../models/sync-config.js';
import { NO_RECORDS, type SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

type Trigger = SyncJob['trigger'];

/** What says nothing about whether the table can be synced. */
const NO_REFUSALS: readonly ErrorCode[] = ['SYNC_RUNNING', 'TABLE_DISABLED', 'CONFIG_NOT_FOUND'];
/** What is the caller's fault, where there is one. */
const OF_THE_CALLER: readonly ErrorCode[] = ['VALIDATION_FAILED', 'UNKNOWN_TABLE'];

/** Whether a start failed for the state that things are in, which lasts until somebody changes it. */
export function isRefusal({ code, retriable }: AppError, trigger: Trigger): boolean {
  if (retriable || NO_REFUSALS.includes(code)) return false;
  return trigger === 'schedule' || !OF_THE_CALLER.includes(code);
}

/**
 * Puts a refused start on record: one entry of the history for table and cause, which is updated
 * while it lasts, and an alert. Nothing is thrown: the caller has the refusal to tell of.
 */
export async function noteRefusal(
  context: SyncContext,
  tableId: string,
  thrown: unknown,
  trigger: Trigger,
): Promise<void> {
  const error = toAppError(thrown);
  if (!isRefusal(error, trigger)) return;
  try {
    const latest = {
      ...errorFields(error),
      lastTime: new Date(context.clock.now()),
      source: context.lake.sourceHash,
    };
    const config = await context.store.configs.noteRefusal(tableId, error.code, latest);
    const refusal = config?.refusals?.[error.code];
    if (!config || !refusal) return;
    await enterInHistory(context, config, refusal);
    await context.alerts.startRefused(config, toStoredError(error));
    if (trigger === 'api') await context.alerts.deliverNew();
  } catch (failure) {
    context.log.error({ err: failure, tableId, code: error.code }, 'refused start not recorded');
  }
}

/** It stands at its last time, so that it is seen among the newest for as long as it lasts. */
async function enterInHistory(
  context: SyncContext,
  { tableId, tableName }: SyncConfig,
  { historyId, error, errorCode, errorDetails, since, lastTime, count }: Refusal,
): Promise<void> {
  const latest = {
    status: 'failed' as const,
    outcome: 'failed' as const,
    error,
    errorCode,
    errorDetails,
    updatedAt: lastTime,
  };
  // Of several at a time, the last one counts in whichever order they get here.
  const newest = {
    startTime: lastTime,
    endTime: lastTime,
    'refusal.lastTime': lastTime,
    'refusal.count': count,
  };
  const fixed = {
    tableId,
    tableName,
    // There is no job; an earlier frontend reads an id all the same.
    syncJobId: String(historyId),
    durationMs: 0,
    ...NO_RECORDS,
    options: {},
    'refusal.since': since,
    createdAt: since,
  };
  const update = {
    $set: latest,
    $max: newest,
    $setOnInsert: fixed,
  } as mongo.UpdateFilter<SyncHistory>;
  const { history } = context.store;
  await history.change(historyId, () => update, { newOf: tableId });
  await history.countRunsQuietly(tableId, context.log);
}

/** A run has been started: what kept its table from that is over. Nothing is thrown. */
export async function endRefusals(
  context: SyncContext,
  { tableId, tableName, refusals = {} }: SyncConfig,
): Promise<void> {
  const own = context.lake.sourceHash;
  const over = Object.entries(refusals)
    .filter(([code, { source }]) => code !== 'SOURCE_CHANGED' || source === own)
    .map(([code]) => code);
  if (over.length === 0) return;
  try {
    await context.store.configs.endRefusals(tableId, over);
    await context.alerts.startAllowed({ tableId, tableName }, over);
  } catch (failure) {
    context.log.error({ err: failure, tableId }, 'end of refusals not recorded');
  }
}
