import type { mongo } from 'mongoose';
import { AppError } from '../../src/errors/app-error.js';
import type { Models } from '../../src/models/index.js';
import { renameCollection } from '../../src/store/driver/rename.js';
import { type RetryBudget, withRetry } from '../../src/store/driver/retry.js';
import type { TableDefinition } from '../../src/tables/table.js';
import { batchesOf, databaseOf, exists, move } from './documents.js';
import { type AdoptionPlan, type AdoptionStep, counted } from './step.js';

const MARKS: mongo.Filter<mongo.Document>[] = [
  { _id: { $type: 'objectId' } },
  { _lake: { $exists: false } },
];
const EARLIER: mongo.Filter<mongo.Document> = { $or: MARKS };
const PRESENT: mongo.Filter<mongo.Document> = { $nor: MARKS };

/**
 * Rows of an earlier version go to `<collection>_before`: the whole collection by a rename,
 * or, where rows of both versions stand side by side, the earlier ones only.
 */
export async function planRows(
  models: Models,
  tables: readonly TableDefinition[],
  scope: RetryBudget,
): Promise<AdoptionPlan> {
  const db = databaseOf(models);
  const steps: AdoptionStep[] = [];
  const taken: string[] = [];
  for (const { collection } of tables) {
    const before = `${collection}_before`;
    if (!(await isAny(db, collection, EARLIER, scope))) continue;
    if (await isAny(db, collection, PRESENT, scope)) {
      steps.push(await partOf(db, collection, before, scope));
    } else if (await exists(db, before, scope)) {
      taken.push(before);
    } else {
      steps.push(await wholeOf(db, collection, before, scope));
    }
  }
  if (taken.length === 0) return { steps, notes: [] };
  throw new AppError('MONGODB_FAILED', 'A collection that rows have to go to exists already.', {
    details: taken.map((name) => ({
      message: `${name} exists already; rename it, or drop it if nobody needs it, then try again`,
    })),
  });
}

async function isAny(
  db: mongo.Db,
  name: string,
  filter: mongo.Filter<mongo.Document>,
  scope: RetryBudget,
) {
  const rows = db.collection(name);
  const found = await withRetry(() => rows.findOne(filter, { projection: { _id: 1 } }), scope);
  return found !== null;
}

async function wholeOf(
  db: mongo.Db,
  name: string,
  before: string,
  scope: RetryBudget,
): Promise<AdoptionStep> {
  const count = await withRetry(() => db.collection(name).estimatedDocumentCount(), scope);
  return {
    what: `${name} → ${before}: ${counted(count, 'row')} of the earlier version`,
    async run() {
      await renameCollection(db.collection(name), before, { db, budget: scope });
    },
  };
}

async function partOf(
  db: mongo.Db,
  name: string,
  before: string,
  scope: RetryBudget,
): Promise<AdoptionStep> {
  const [from, to] = [db.collection(name), db.collection(before)];
  const count = await withRetry(() => from.countDocuments(EARLIER), scope);
  return {
    what: `${name} → ${before}: ${counted(count, 'row')} of the earlier version; the others stay`,
    run: () =>
      withRetry(async () => {
        for await (const batch of batchesOf(from, EARLIER)) await move(batch, from, to, EARLIER);
      }, scope),
  };
}
