import type { Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import { errorFields } from '../errors/error-fields.js';
import { PAUSED_BY_REQUEST } from '../models/sync-config.js';
import type { SyncJob } from '../models/sync-job.js';
import type { Store } from '../store/store.js';
import { advance } from './advance.js';
import { cancelQueries } from './cancel-queries.js';
import type { SyncContext } from './context.js';

/** Long enough to record the end of a canceled job; it reads nothing more. */
const FINISH_MS = 20_000;
const LOOK_MS = 100;

/**
 * Ends a run immediately: its workers lose their leases, its query is canceled in the lake, the
 * rows written so far stay (they are correct), and the watermark does not move.
 * @throws JOB_NOT_FOUND, JOB_ENDED
 */
export async function cancelJob(context: SyncContext, _id: Types.ObjectId): Promise<SyncJob> {
  const { jobs } = context.store;
  const canceled = await jobs.cancel(_id, errorFields(new AppError('SYNC_CANCELED')));
  if (!canceled) {
    const job = await jobs.find(_id);
    throw new AppError(job ? 'JOB_ENDED' : 'JOB_NOT_FOUND');
  }
  await cancelQueries(context, canceled);
  const until = context.clock.now() + FINISH_MS;
  for (;;) {
    const { state, job } = await advance(context, _id, until);
    // The worker that has just lost its lease may be ending the run itself.
    if (state !== 'busy' || context.clock.now() + LOOK_MS >= until) return job;
    await context.clock.sleep(LOOK_MS);
  }
}

/** Takes a table off the schedule. @throws CONFIG_NOT_FOUND */
export async function pauseTable({ configs }: Store, tableId: string): Promise<void> {
  if (!(await configs.pause(tableId, PAUSED_BY_REQUEST))) throw new AppError('CONFIG_NOT_FOUND');
}

/** Puts it back: it is due at once, and its failure count is reset. @throws CONFIG_NOT_FOUND */
export async function resumeTable({ configs }: Store, tableId: string, now: Date): Promise<void> {
  if (!(await configs.resume(tableId, now))) throw new AppError('CONFIG_NOT_FOUND');
}
