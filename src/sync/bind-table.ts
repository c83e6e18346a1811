import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

/**
 * Records in the configuration, before the first row is written, the source and the epoch of the
 * rows, so that no later run mixes them with another tenant's or is blocked by their epoch.
 * If the configuration has been deleted meanwhile, the job keeps both (`factsOfRows`).
 * @throws AppError SOURCE_CHANGED if the table now belongs to another source
 */
export async function bindTable({ store }: SyncContext, job: SyncJob): Promise<void> {
  if (await store.configs.bindSource(job)) return;
  if (await store.configs.find(job.tableId)) throw new AppError('SOURCE_CHANGED');
}
