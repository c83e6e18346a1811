import type { Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import { errorFields } from '../errors/error-fields.js';
import type { SyncJob } from '../models/sync-job.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import { advance } from './advance.js';
import type { SyncContext } from './context.js';
import { leaveNoQuery } from './lake-query.js';

/** Long enough to end a job that is canceled; nothing is read any more. */
const FINISH_MS = 20_000;
const LOOK_MS = 100;

/**
 * Ends a run where it stands: workers lose their leases, its query is canceled in the lake,
 * what was written stays and is right, and the watermark stays too.
 * @throws JOB_NOT_FOUND, JOB_ENDED
 */
export async function cancelJob(context: SyncContext, _id: Types.ObjectId): Promise<SyncJob> {
  const { jobs } = context.store;
  const canceled = await jobs.cancel(_id, errorFields(new AppError('SYNC_CANCELED')));
  if (!canceled) {
    const job = await jobs.find(_id);
    throw new AppError(job ? 'JOB_ENDED' : 'JOB_NOT_FOUND');
  }
  await leaveNoQuery(context, canceled);
  const until = context.clock.now() + FINISH_MS;
  for (;;) {
    const { state, job } = await advance(context, _id, until);
    // The worker that has just lost its lease may be ending the run itself.
    if (state !== 'busy' || context.clock.now() + LOOK_MS >= until) return job;
    await context.clock.sleep(LOOK_MS);
  }
}

export const PAUSED_BY_REQUEST = 'paused by request';

/** Takes a table off the schedule. @throws CONFIG_NOT_FOUND */
export async function pauseTable(context: Pick<SyncContext, 'models' | 'clock'>, tableId: string) {
  await changeConfig(context, tableId, { $set: { pausedReason: PAUSED_BY_REQUEST } });
}

/** Puts it back: it is due at once, and earlier failures are forgotten. @throws CONFIG_NOT_FOUND */
export async function resumeTable(context: Pick<SyncContext, 'models' | 'clock'>, tableId: string) {
  await changeConfig(context, tableId, {
    $set: { failureCount: 0, nextRunAt: new Date(context.clock.now()) },
    $unset: { pausedReason: '' },
  });
}

async function changeConfig(
  { models, clock }: Pick<SyncContext, 'models' | 'clock'>,
  tableId: string,
  update: Record<string, unknown>,
): Promise<void> {
  const { matchedCount } = await withRetry(
    () => native(models.configs).updateOne({ tableId }, update),
    { clock },
  );
  if (matchedCount === 0) throw new AppError('CONFIG_NOT_FOUND');
}
