import { type Model, mongo } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import type { ViewDefinition } from '../tables/view.js';
import { type RetryBudget, withRetry } from './driver/retry.js';
import type { Ensured } from './query-indexes.js';

/** Where the days of a view begin unless it is said. */
const UTC = 'UTC';

/**
 * Creates a view over a table's documents, or replaces one that differs. A replaced view is gone for
 * a moment: `collMod` would change it in place, but the role `readWrite` doesn't include it.
 * @param timeZone of its days, an IANA name; by default the one that the view has, or UTC
 * @throws AppError MONGODB_*
 */
export async function ensureView(
  model: Model<RowDocument>,
  view: ViewDefinition,
  scope: RetryBudget,
  timeZone?: string,
): Promise<Ensured> {
  const { collectionName: viewOn } = model.collection;
  const db = model.db.getClient().db(model.db.name);
  const { name } = view;
  const [present] = await withRetry(
    () => db.listCollections({ name }, { nameOnly: false }).toArray(),
    scope,
  );
  if (present && present.type !== 'view') {
    return { state: 'conflicts', reason: 'a collection has this name' };
  }
  const options = present?.options;
  const pipeline = view.pipeline(timeZone ?? timeZoneOf(options) ?? UTC);
  const wanted = { viewOn, pipeline: [...pipeline] };
  if (options && isSame(options, wanted)) return { state: 'exists' };
  await withRetry(async () => {
    // Also where an earlier attempt's answer was lost.
    await db.dropCollection(name).catch(unlessMissing);
    await db.createCollection(name, wanted);
  }, scope);
  return { state: present ? 'changed' : 'created' };
}

function isSame({ viewOn, pipeline }: mongo.Document, wanted: mongo.Document): boolean {
  return toJson({ viewOn, pipeline }) === toJson(wanted);
}

function timeZoneOf(options: mongo.Document = {}): string | undefined {
  return /"timezone":"([^"]+)"/.exec(toJson(options))?.[1];
}

const toJson = (value: mongo.Document): string => mongo.BSON.EJSON.stringify(value);

const NAMESPACE_NOT_FOUND = 26;

function unlessMissing(error: unknown): void {
  if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return;
  throw error;
}
