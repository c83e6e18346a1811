import type { Model } from 'mongoose';
import { AppError, toAppError } from '../errors/app-error.js';
import type { Models } from '../models/index.js';
import { type RetryScope, withRetry } from './retry.js';

/** What all models have, whatever their documents. */
interface Indexed {
  readonly schema: { indexes(): [unknown, Record<string, unknown>][] };
  readonly collection: Model<unknown>['collection'];
}

/**
 * Makes sure of the indexes that correctness rests on: one configuration and one active
 * run a table, one reject a row. Does nothing where they exist.
 * @throws MONGODB_INDEX_MISSING if they can't be made
 */
export async function ensureCriticalIndexes(models: Models, scope: RetryScope): Promise<void> {
  const { configs, jobs, rejects } = models;
  for (const model of [configs, jobs, rejects]) {
    await ensureIndexes(model, (options) => options.unique === true, scope);
  }
}

/** Makes every index of every model. @returns what was made sure of, `collection.index` each */
export async function ensureAllIndexes(
  models: Models,
  tableIds: readonly string[],
  scope: RetryScope,
): Promise<string[]> {
  const { configs, jobs, history, rejects, settings, tokens } = models;
  const rows = tableIds.map((tableId) => models.rows(tableId));
  const made: string[] = [];
  for (const model of [configs, jobs, history, rejects, settings, tokens, ...rows]) {
    made.push(...(await ensureIndexes(model, () => true, scope)));
  }
  return made;
}

async function ensureIndexes(
  model: Indexed,
  wanted: (options: { unique?: unknown }) => boolean,
  scope: RetryScope,
): Promise<string[]> {
  const indexes = model.schema.indexes().filter(([, options]) => wanted(options));
  const { collection } = model;
  try {
    for (const [keys, options] of indexes) {
      const { background: _, ...rest } = options;
      await withRetry(() => collection.createIndex(keys as Record<string, 1 | -1>, rest), scope);
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'MONGODB_FAILED' && error.code !== 'MONGODB_AUTH_REFUSED') throw error;
    throw new AppError('MONGODB_INDEX_MISSING', undefined, {
      cause: error,
      details: [{ message: `collection ${collection.collectionName}`, reason: error.message }],
    });
  }
  return indexes.map(([, options]) => `${collection.collectionName}.${String(options.name)}`);
}
