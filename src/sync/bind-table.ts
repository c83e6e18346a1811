import type { mongo } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncJob } from '../models/sync-job.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import type { SyncContext } from './context.js';

/**
 * Notes in the configuration, before the first row is written, whose rows these are and of which
 * epoch, so that no later run mixes them with another tenant's or is kept out by them.
 * A configuration that was deleted meanwhile keeps nothing; the job still says it (`factsOfRows`).
 * @throws AppError SOURCE_CHANGED where the table has become another source's
 */
export async function bindTable(
  { models, clock, deadline }: SyncContext,
  { tableId, hashes, scope: { own }, rebuild, epoch = 0 }: SyncJob,
): Promise<void> {
  const configs = native(models.configs);
  const mine = { tableId, sourceHash: { $in: [hashes.source, null] } };
  const update = {
    // A rebuild that ends half-way has made rows that only another full run goes well with.
    $set: { sourceHash: hashes.source, ...(rebuild && own && { rebuilding: true }) },
    ...(epoch > 0 && { $max: { epoch } }),
  };
  const scope = { clock, deadline };
  const { matchedCount } = await withRetry(
    () =>
      configs.updateOne(mine as mongo.Filter<SyncConfig>, update as mongo.UpdateFilter<SyncConfig>),
    scope,
  );
  if (matchedCount > 0) return;
  const config = await withRetry(() => configs.findOne({ tableId }), scope);
  if (config) throw new AppError('SOURCE_CHANGED');
}
