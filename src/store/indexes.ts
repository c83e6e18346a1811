import { type Model, mongo } from 'mongoose';
import { AppError, toAppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { Models } from '../models/index.js';
import { type RetryBudget, withRetry } from './driver/retry.js';

/** What all models have, whatever their documents. */
interface Indexed {
  readonly schema: { indexes(): [unknown, Record<string, unknown>][] };
  readonly collection: Model<unknown>['collection'];
}

/**
 * Makes sure of the indexes that correctness depends on: one configuration and one active
 * run a table, one reject a row, one value a setting, one difference a document, one list of deletes a
 * run. Does nothing where they exist.
 * @throws MONGODB_INDEX_MISSING if they can't be made
 */
export async function ensureCriticalIndexes(models: Models, scope: RetryBudget): Promise<void> {
  const ensured = criticalModels(models).map((model) => ensureIndexes(model, isUnique, scope));
  await Promise.all(ensured);
}

/**
 * The indexes among them that are not there, `collection.index` each. One with the same
 * keys counts only if it refuses the same documents.
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

/** What a build that outlasts the socket's time looks like from here. */
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

/** Makes every index of every model. @returns what was made sure of, `collection.index` each */
export async function ensureAllIndexes(
  models: Models,
  tableIds: readonly string[],
  scope: RetryBudget,
): Promise<string[]> {
  const { configs, jobs, history, rejects, settings, tokens, audits, startCounts } = models;
  const { certificates, differences, deleteLists, idempotencyKeys } = models;
  const rows = tableIds.map((tableId) => models.rows(tableId));
  const made: string[] = [];
  const ours = [
    ...[configs, jobs, history, rejects, settings, tokens, audits, startCounts],
    ...[certificates, differences, deleteLists, idempotencyKeys],
  ];
  for (const model of [...ours, ...rows]) {
    made.push(...(await ensureIndexes(model, () => true, scope)));
  }
  return made;
}

/** Makes sure of one index of a model. @throws AppError MONGODB_INDEX_MISSING, MONGODB_* */
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
      // Under another name it is as good, and MongoDB would refuse to make it twice.
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
      ? 'MongoDB may still be building it, which takes long over many documents: try again later'
      : (error.details[0]?.message ?? error.message);
    throw new AppError('MONGODB_INDEX_MISSING', undefined, {
      cause: error,
      details: [{ message: `collection ${collection.collectionName}`, reason }],
    });
  }
  return indexes.map(([, options]) => `${collection.collectionName}.${String(options.name)}`);
}
