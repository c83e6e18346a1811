import type { mongo } from 'mongoose';
import type { Models } from '../../src/models/index.js';
import { type RetryBudget, withRetry } from '../../src/store/driver/retry.js';
import type { TableDefinition } from '../../src/tables/table.js';
import { ageOf, copy, type Documents, databaseOf, move, twins } from './documents.js';
import type { AdoptionPlan, AdoptionStep, ConfigOf } from './step.js';

const isPresent = (config: mongo.Document) => config.scopeHash !== undefined;

/** One configuration a table, in the present form; the documents so far are kept aside. */
export async function planConfigs(
  models: Models,
  tables: readonly TableDefinition[],
  configOf: ConfigOf,
  scope: RetryBudget,
): Promise<AdoptionPlan> {
  const db = databaseOf(models);
  const name = models.configs.collection.collectionName;
  const [configs, before] = [db.collection(name), db.collection(`${name}_before`)];
  const all = await withRetry(() => configs.find({}).toArray(), scope);
  const steps: AdoptionStep[] = [];
  const notes: string[] = [];
  for (const { first, rest } of twins(all, 'tableId', presentOrNewestFirst)) {
    const id = String(first.tableId);
    if (rest.length > 0) {
      steps.push({
        what: `configuration of ${id}: the newest of ${rest.length + 1} stays, the others → ${before.collectionName}`,
        run: () => withRetry(() => move(rest, configs, before), scope),
      });
    }
    if (isPresent(first)) continue;
    const table = tables.find(({ tableId }) => tableId === id);
    if (!table) {
      notes.push(
        `configuration of ${id}: no such table; left as it is, and refused by every run (DELETE sync-config?tableId=${id} removes it)`,
      );
      continue;
    }
    const { config, dropped } = configOf(table, first);
    const lost = dropped.length > 0 ? `; not valid, so as by default: ${dropped.join(', ')}` : '';
    steps.push({
      what: `configuration of ${id}: into the present form, its next run is a full one${lost}`,
      run: () => withRetry(() => replace(first, config, configs, before), scope),
    });
  }
  return { steps, notes };
}

async function replace(
  earlier: mongo.WithId<mongo.Document>,
  config: object,
  configs: Documents,
  before: Documents,
): Promise<void> {
  await copy([earlier], before);
  const { _id, refusals } = earlier;
  // The next start ends them, and with them their alerts.
  const present = { ...config, ...(refusals && { refusals }), _id };
  await configs.replaceOne({ _id, scopeHash: { $exists: false } }, present);
}

/** What runs have left in one of the present form is worth more than its twin's age. */
function presentOrNewestFirst(a: mongo.Document, b: mongo.Document): number {
  return Number(isPresent(b)) - Number(isPresent(a)) || ageOf(b) - ageOf(a);
}
