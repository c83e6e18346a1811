import { mongo } from 'mongoose';
import type { Models } from '../../src/models/index.js';
import { type RetryBudget, withRetry } from '../../src/store/driver/retry.js';
import { missingCriticalIndexes } from '../../src/store/indexes.js';
import { type Documents, databaseOf } from './documents.js';
import type { AdoptionPlan, AdoptionStep } from './step.js';

/**
 * Indexes of an earlier version over the same fields, under other names or rules, keep the
 * present ones from being made: they give way.
 */
export async function planIndexes(models: Models, scope: RetryBudget): Promise<AdoptionPlan> {
  const db = databaseOf(models);
  const steps: AdoptionStep[] = [];
  const replaced = new Set<string>();
  for (const { schema, collection } of [
    models.configs,
    models.jobs,
    models.history,
    models.settings,
  ]) {
    const documents = db.collection(collection.collectionName);
    const present = await withRetry(() => indexesOf(documents), scope);
    for (const [key, { background: _, ...options }] of schema.indexes()) {
      const wanted = { ...options, key };
      const inTheWay = present.filter((index) => sameKey(index, wanted) && !isSame(index, wanted));
      if (inTheWay.length === 0) continue;
      const names = inTheWay.map(({ name }) => String(name));
      const index = `${documents.collectionName}.${String(options.name)}`;
      replaced.add(index);
      steps.push({
        what: `index ${index}: in place of ${names.join(', ')}`,
        run: () =>
          withRetry(async () => {
            for (const name of names) await drop(documents, name);
            // Mongoose types what it hands to the driver in its own way.
            await documents.createIndex(
              key as mongo.IndexSpecification,
              options as mongo.CreateIndexesOptions,
            );
          }, scope),
      });
    }
  }
  for (const index of await missingCriticalIndexes(models, scope)) {
    // Made by `adopt` after all its steps.
    if (!replaced.has(index)) steps.push({ what: `index ${index}: made`, run: async () => {} });
  }
  return { steps, notes: [] };
}

const NAMESPACE_NOT_FOUND = 26;
const INDEX_NOT_FOUND = 27;

async function indexesOf(documents: Documents): Promise<mongo.Document[]> {
  return documents.indexes().catch(unless(NAMESPACE_NOT_FOUND, []));
}

async function drop(documents: Documents, name: string): Promise<void> {
  await documents.dropIndex(name).catch(unless(INDEX_NOT_FOUND, undefined));
}

function unless<T>(code: number, value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof mongo.MongoServerError && error.code === code) return value;
    throw error;
  };
}

function sameKey(a: mongo.Document, b: mongo.Document): boolean {
  return JSON.stringify(a.key) === JSON.stringify(b.key);
}

function isSame(a: mongo.Document, b: mongo.Document): boolean {
  const rule = ({ name, unique, partialFilterExpression, expireAfterSeconds }: mongo.Document) =>
    JSON.stringify([name, unique, partialFilterExpression, expireAfterSeconds]);
  return rule(a) === rule(b);
}
