import { type Model, mongo } from 'mongoose';
import { AppError, toAppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { Models } from '../models/index.js';
import { type RetryBudget, withRetry } from './driver/retry.js';

/** The part of a model that index creation needs, whatever its documents. */
interface Indexed {
  readonly schema: { indexes(): [unknown, Record<string, unknown>][] };
  readonly collection: Model<unknown>['collection'];
}

const ensuredAt = new WeakMap<Models, number>();

/**
 * Ensures the indexes that correctness depends on: one configuration and one active run per table,
 * one reject per row, one value per setting, one difference per document, one list of deletes per
 * run. Does nothing if they exist.
 * @param maxAgeMs for so long indexes that existed are taken to exist still, without a look
 * @throws MONGODB_INDEX_MISSING if they can't be created
 */
export async function ensureCriticalIndexes(
  models: Models,
  scope: RetryBudget,
  maxAgeMs = 0,
): Promise<void> {
  const now = performance.now();
  if (now - (ensuredAt.get(models) ?? Number.NEGATIVE_INFINITY) < maxAgeMs) return;
  const ensured = criticalModels(models).map((model) => ensureIndexes(model, isUnique, scope));
  await Promise.all(ensured);
  ensuredAt.set(models, now);
}

/**
 * The critical indexes that don't exist, each as `collection.index`. An index with the same keys
 * counts only if it has the same uniqueness and the same filter.
 * @throws AppError MONGODB_*
 */
export async function missingCriticalIndexes(
  models: Models,
  scope: RetryBudget,
): Promise<string[]> {
  const missing = criticalModels(models).map(async ({ schema, collection }) => {
    const present = await withRetry(() => indexesOf(collection), scope);
    return schema
      .indexes()
      .filter(([, options]) => isUnique(options))
      .filter(([key, options]) => !present.some((index) => sameRule(index, { ...options, key })))
      .map(([, options]) => `${collection.collectionName}.${String(options.name)}`);
  });
  return (await Promise.all(missing)).flat();
}

function criticalModels(models: Models): readonly Indexed[] {
  const { configs, jobs, rejects, settings, differences, deleteLists } = models;
  return [configs, jobs, rejects, settings, differences, deleteLists];
}

const isUnique = (options: { unique?: unknown }) => options.unique === true;

/** Errors by which a build that takes longer than the socket's time limit shows. */
const CUT_OFF: readonly ErrorCode[] = ['MONGODB_UNREACHABLE', 'OUT_OF_TIME'];
const REFUSALS: readonly ErrorCode[] = ['MONGODB_FAILED', 'MONGODB_AUTH_REFUSED', 'MONGODB_FULL'];

const NAMESPACE_NOT_FOUND = 26;

/** A collection that doesn't exist has no index. */
async function indexesOf(collection: Indexed['collection']): Promise<mongo.Document[]> {
  try {
    return await collection.indexes();
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function sameRule(a: mongo.Document, b: mongo.Document): boolean {
  const rule = ({ key, unique, partialFilterExpression }: mongo.Document) =>
    JSON.stringify([key, unique, partialFilterExpression]);
  return rule(a) === rule(b);
}

/** Creates every missing index of every model. @returns all indexes, each as `collection.index` */
export async function ensureAllIndexes(
  models: Models,
  tableIds: readonly string[],
  scope: RetryBudget,
): Promise<string[]> {
  const { configs, jobs, history, rejects, settings, tokens, audits, startCounts } = models;
  const { certificates, differences, deleteLists, idempotencyKeys, usages } = models;
  const rows = tableIds.map((tableId) => models.rows(tableId));
  const made: string[] = [];
  const ours = [
    ...[configs, jobs, history, rejects, settings, tokens, audits, startCounts],
    ...[certificates, differences, deleteLists, idempotencyKeys, usages],
  ];
  for (const model of [...ours, ...rows]) {
    made.push(...(await ensureIndexes(model, () => true, scope)));
  }
  return made;
}

/** Ensures one index of a model. @throws AppError MONGODB_INDEX_MISSING, MONGODB_* */
export async function ensureIndex(model: Indexed, name: string, scope: RetryBudget): Promise<void> {
  await ensureIndexes(model, (options) => options.name === name, scope);
}

async function ensureIndexes(
  model: Indexed,
  wanted: (options: { unique?: unknown; name?: unknown }) => boolean,
  scope: RetryBudget,
): Promise<string[]> {
  const indexes = model.schema.indexes().filter(([, options]) => wanted(options));
  const { collection } = model;
  let building = false;
  try {
    const present = await withRetry(() => indexesOf(collection), scope);
    for (const [keys, options] of indexes) {
      const { background: _, ...rest } = options;
      // An equal index under another name will do, and MongoDB would refuse to create it twice.
      if (options.unique && present.some((index) => sameRule(index, { ...rest, key: keys })))
        continue;
      building = true;
      await withRetry(() => collection.createIndex(keys as Record<string, 1 | -1>, rest), scope);
      building = false;
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    const isBuilding = building && CUT_OFF.includes(error.code);
    if (!isBuilding && !REFUSALS.includes(error.code)) throw error;
    const reason = isBuilding
      ? 'MongoDB may still be building it, which takes long with many documents: try again later'
      : (error.details[0]?.message ?? error.message);
    throw new AppError('MONGODB_INDEX_MISSING', undefined, {
      cause: error,
      details: [{ message: `collection ${collection.collectionName}`, reason }],
    });
  }
  return indexes.map(([, options]) => `${collection.collectionName}.${String(options.name)}`);
}
