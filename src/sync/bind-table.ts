import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

/**
 * Notes in the configuration, before the first row is written, whose rows these are and of which
 * epoch, so that no later run mixes them with another tenant's or is kept out by them.
 * A configuration that was deleted meanwhile keeps nothing; the job still says it (`factsOfRows`).
 * @throws AppError SOURCE_CHANGED where the table has become another source's
 */
export async function bindTable({ store }: SyncContext, job: SyncJob): Promise<void> {
  if (await store.configs.bindSource(job)) return;
  if (await store.configs.find(job.tableId)) throw new AppError('SOURCE_CHANGED');
}
