import { type mongo, Types } from 'mongoose';
import { type AppError, toAppError, toStoredError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { errorFields } from '../errors/error-fields.js';
import type { Refusal } from '../models/refusal.js';
import type { SyncConfig } from '../models/sync-config.js';
import { NO_RECORDS, type SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
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
    const config = await count(context, tableId, error);
    const refusal = config?.refusals?.[error.code];
    if (!config || !refusal) return;
    await enterInHistory(context, config, refusal);
    await context.alerts.startRefused(config, toStoredError(error));
    if (trigger === 'api') await context.alerts.deliverNew();
  } catch (failure) {
    context.log.error({ err: failure, tableId, code: error.code }, 'refused start not recorded');
  }
}

/**
 * The configuration with one refusal more; the first one chooses the entry of the history. One update,
 * so that a start which succeeds at the same time ends the whole refusal or none of it.
 */
async function count(
  context: SyncContext,
  tableId: string,
  error: AppError,
): Promise<SyncConfig | null> {
  const configs = native(context.models.configs);
  const now = new Date(context.clock.now());
  const path = `refusals.${error.code}`;
  const before = (field: keyof Refusal, first: unknown) => ({
    $ifNull: [`$${path}.${field}`, first],
  });
  const latest = { ...errorFields(error), lastTime: now, source: context.lake.sourceHash };
  const literals = Object.entries(latest).map(([name, value]) => [name, { $literal: value }]);
  const refusal = {
    historyId: before('historyId', new Types.ObjectId()),
    since: before('since', now),
    count: { $add: [before('count', 0), 1] },
    ...Object.fromEntries(literals),
  };
  return withRetry(
    () =>
      configs.findOneAndUpdate({ tableId }, [{ $set: { [path]: refusal } }], {
        returnDocument: 'after',
      }),
    context,
  );
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
  const unset = Object.fromEntries(over.map((code) => [`refusals.${code}`, '']));
  const configs = native(context.models.configs);
  try {
    const update = { $unset: unset } as mongo.UpdateFilter<SyncConfig>;
    await withRetry(() => configs.updateOne({ tableId }, update), context);
    await context.alerts.startAllowed({ tableId, tableName }, over);
  } catch (failure) {
    context.log.error({ err: failure, tableId }, 'end of refusals not recorded');
  }
}
