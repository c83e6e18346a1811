import { type AppError, toAppError, toStoredError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { errorFields } from '../errors/error-fields.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

type Trigger = SyncJob['trigger'];

/** Errors that don't mean that the table can't be synced. */
const NO_REFUSALS: readonly ErrorCode[] = ['SYNC_RUNNING', 'TABLE_DISABLED', 'CONFIG_NOT_FOUND'];
/** Errors caused by the request, if a caller started the run. */
const OF_THE_CALLER: readonly ErrorCode[] = ['VALIDATION_FAILED', 'UNKNOWN_TABLE'];

/** Whether a start failed for a cause that persists until someone removes it. */
export function isRefusal({ code, retriable }: AppError, trigger: Trigger): boolean {
  if (retriable || NO_REFUSALS.includes(code)) return false;
  return trigger === 'schedule' || !OF_THE_CALLER.includes(code);
}

/**
 * Records a refused start: one history entry per table and cause, which is updated while the cause
 * persists, and an alert. Never throws: the caller reports the refusal itself.
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

/** Ends the table's recorded refusals, since a run of it has started. Never throws. */
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
