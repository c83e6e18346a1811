import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { shapeHash } from '../rows/shape-hash.js';
import type { SyncContext } from './context.js';

/**
 * Checks, each time a worker claims a job, that the facts frozen into it still hold: the source it
 * reads, the shape of its documents, and the configured warehouses it was started for.
 * @throws AppError SOURCE_CHANGED, RUN_OUTDATED, UNKNOWN_TABLE
 */
export async function checkFacts(context: SyncContext, job: SyncJob): Promise<void> {
  const { tableId, hashes, scope, configuredKinds: configured, shapedBy: listed } = job;
  if (hashes.source !== context.lake.sourceHash) throw new AppError('SOURCE_CHANGED');
  if (shapeHash(context.tables.get(tableId), { configured, listed }) !== hashes.shape) {
    throw outdated('the table definition');
  }
  if (!scope.own) return;
  const config = await context.store.configs.scopeHashOf(tableId);
  if (config && config.scopeHash !== hashes.scope) throw outdated('the configured warehouses');
}

function outdated(what: string): AppError {
  return new AppError('RUN_OUTDATED', undefined, { details: [{ message: `changed: ${what}` }] });
}
