import { type Model, mongo } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import type { QueryIndex } from '../tables/query-index.js';
import { native } from './driver/native.js';
import { type RetryBudget, withRetry } from './driver/retry.js';

/** What became of an index or a view; `conflicts` leaves the database as it was. */
export type Ensured =
  | { readonly state: 'created' | 'exists' | 'changed' }
  | { readonly state: 'conflicts'; readonly reason: string };

/**
 * Creates an index for those who read a table's documents, unless one with the same keys over the same
 * documents exists, under whatever name.
 * @throws AppError MONGODB_*
 */
export async function ensureQueryIndex(
  model: Model<RowDocument>,
  index: QueryIndex,
  scope: RetryBudget,
): Promise<Ensured> {
  const rows = native(model);
  const present = await withRetry(() => indexesOf(rows), scope);
  if (present.some((other) => covers(other, index))) return { state: 'exists' };
  const named = present.find(({ name }) => name === index.name);
  if (named) return { state: 'conflicts', reason: `an index of this name has ${keysOf(named)}` };
  const options = { name: index.name, ...partOf(index) };
  await withRetry(() => rows.createIndex(index.keys, options), scope);
  return { state: 'created' };
}

/** A blank is stored as it is, and the WMS fills empty columns with one. */
function partOf({ unlessBlank }: QueryIndex) {
  return unlessBlank ? { partialFilterExpression: { [unlessBlank]: { $gt: ' ' } } } : {};
}

/** An index with other rules (hidden, sparse, another collation) can't be used by every query. */
function covers(present: mongo.Document, wanted: QueryIndex): boolean {
  const { v: _v, name: _n, ns: _s, background: _b, key, ...rules } = present;
  const [same, whole] = [partOf(wanted), {}].map((part) => JSON.stringify(part));
  const isSameKey = JSON.stringify(key) === JSON.stringify(wanted.keys);
  return isSameKey && [same, whole].includes(JSON.stringify(rules));
}

function keysOf({ key, ...rules }: mongo.Document): string {
  const special = ['partialFilterExpression', 'sparse', 'unique', 'hidden', 'collation'];
  const shown = special.filter((rule) => rules[rule]).map((rule) => `, ${rule}`);
  return `${JSON.stringify(key)}${shown.join('')}`;
}

const NAMESPACE_NOT_FOUND = 26;

async function indexesOf(rows: mongo.Collection<RowDocument>): Promise<mongo.Document[]> {
  try {
    return await rows.indexes();
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}
