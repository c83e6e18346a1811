import { mongo } from 'mongoose';
import { AppError } from '../../src/errors/app-error.js';
import type { Models } from '../../src/models/index.js';
import { type RetryBudget, withRetry } from '../../src/store/driver/retry.js';

export type Documents = mongo.Collection<mongo.Document>;

/** The database itself: collections of an earlier version have no model here. */
export function databaseOf({ configs }: Models): mongo.Db {
  return configs.db.getClient().db(configs.db.name);
}

export async function exists(db: mongo.Db, name: string, scope: RetryBudget): Promise<boolean> {
  const found = await withRetry(
    () => db.listCollections({ name }, { nameOnly: true }).toArray(),
    scope,
  );
  return found.length > 0;
}

const BATCH = 500;

/** Everything that matches, in batches that fit into one message. */
export async function* batchesOf(
  collection: Documents,
  filter: mongo.Filter<mongo.Document>,
): AsyncGenerator<mongo.WithId<mongo.Document>[]> {
  let batch: mongo.WithId<mongo.Document>[] = [];
  for await (const document of collection.find(filter, { batchSize: BATCH })) {
    batch.push(document);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Copies documents under their own `_id`; those that are there already stay.
 * @throws AppError MONGODB_FAILED where another document has the `_id`
 */
export async function copy(
  batch: readonly mongo.WithId<mongo.Document>[],
  to: Documents,
): Promise<void> {
  const ids = batch.map(({ _id }) => _id);
  const there = await to.find({ _id: { $in: ids } }).toArray();
  const byId = new Map(there.map((document) => [String(document._id), document]));
  const missing = batch.filter(({ _id }) => !byId.has(String(_id)));
  for (const document of batch) {
    const copied = byId.get(String(document._id));
    if (!copied || isSame(document, copied)) continue;
    throw new AppError('MONGODB_FAILED', undefined, {
      details: [
        {
          message: `${to.collectionName} holds another document with the _id ${String(document._id)}; rename that collection, then try again`,
        },
      ],
    });
  }
  if (missing.length > 0) await to.insertMany(missing);
}

/** Moves documents; one that changes meanwhile is neither lost nor removed. */
export async function move(
  batch: readonly mongo.WithId<mongo.Document>[],
  from: Documents,
  to: Documents,
  filter: mongo.Filter<mongo.Document> = {},
): Promise<void> {
  await copy(batch, to);
  await from.deleteMany({ $and: [filter, { _id: { $in: batch.map(({ _id }) => _id) } }] });
}

function isSame(a: mongo.Document, b: mongo.Document): boolean {
  return Buffer.from(mongo.BSON.serialize(a)).equals(mongo.BSON.serialize(b));
}

/** When a document came to be or was changed last, in epoch milliseconds; unknown is 0. */
export function ageOf({ updatedAt, createdAt, _id }: mongo.Document): number {
  const date = [updatedAt, createdAt].find((value) => value instanceof Date);
  if (date) return date.getTime();
  return _id instanceof mongo.ObjectId ? _id.getTimestamp().getTime() : 0;
}

interface Twins {
  readonly first: mongo.WithId<mongo.Document>;
  readonly rest: readonly mongo.WithId<mongo.Document>[];
}

/** The documents that share a value, the one to keep first. */
export function twins(
  documents: readonly mongo.WithId<mongo.Document>[],
  field: string,
  order: (a: mongo.Document, b: mongo.Document) => number,
): Twins[] {
  const groups = new Map<string, Twins>();
  for (const document of [...documents].sort(order)) {
    const value = String(document[field]);
    const group = groups.get(value);
    groups.set(
      value,
      group ? { ...group, rest: [...group.rest, document] } : { first: document, rest: [] },
    );
  }
  return [...groups.values()];
}
