import type { mongo } from 'mongoose';
import type { RowDocument } from '../src/models/row.js';
import { type Spent, stopwatch } from './stopwatch.js';

const BATCH = 1_000;

/**
 * The least that writing documents costs: plain upserts by key, unordered, a thousand a
 * message, one message after another.
 */
export async function writeFloor(
  collection: mongo.Collection<RowDocument>,
  documents: readonly RowDocument[],
): Promise<Spent> {
  const elapsed = stopwatch();
  for (let at = 0; at < documents.length; at += BATCH) {
    const operations = documents.slice(at, at + BATCH).map((document) => ({
      replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
    }));
    await collection.bulkWrite(operations, { ordered: false });
  }
  return elapsed();
}
