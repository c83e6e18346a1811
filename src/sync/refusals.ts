import { type AppError, toAppError, toStoredError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { errorFields } from '../errors/error-fields.js';
import type { SyncConfig } from '../models/sync-config.js';
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
    const { tableName } = config;
    await context.store.history.recordRefusal({ ...refusal, tableId, tableName });
    await context.store.history.countRunsQuietly(tableId, context.log);
    await context.alerts.startRefused(config, toStoredError(error));
    if (trigger === 'api') await context.alerts.deliverNew();
  } catch (failure) {
    context.log.error({ err: failure, tableId, code: error.code }, 'refused start not recorded');
  }
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
