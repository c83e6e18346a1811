import { type mongo, Types } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import { CollectionStore } from './driver/collection-store.js';
import { renameCollection } from './driver/rename.js';
import { bulkWrite, type GuardedWrite, type Keyed, type WriteResult } from './row-writes.js';

const ID_ONLY = { projection: { _id: 1 } } as const;

/** The range of all ObjectIds, and of nothing else, since MongoDB compares within a type. */
const [FIRST_OBJECT_ID, LAST_OBJECT_ID] = ['0', 'f'].map(
  (digit) => new Types.ObjectId(digit.repeat(24)),
);

/**
 * The rows of one table. Through the driver: rows are stored as the decoder made them, and casting
 * millions of them by Mongoose would only take time.
 */
export class RowStore extends CollectionStore<RowDocument> {
  /** Whether the collection has no document at all, from whatever source. @throws AppError MONGODB_* */
  async isEmpty(): Promise<boolean> {
    return !(await this.#any({}));
  }

  /**
   * Whether the collection has no document that this backend wrote; others are not the table's rows.
   * @param sampleId `_id` of a row that was stored once: usually one look-up by key is then enough,
   *   whatever else is in the collection
   * @throws AppError MONGODB_*
   */
  async hasNoOwnRows(sampleId: string | undefined): Promise<boolean> {
    const ours = { '_lake.modifiedAt': { $exists: true } };
    if (sampleId !== undefined && (await this.#any({ _id: sampleId, ...ours }))) return false;
    return !(await this.#any(ours));
  }

  /**
   * `_id` of a document of an earlier version, whose keys are ObjectIds; found by the index of `_id`.
   * @throws AppError MONGODB_*
   */
  async findEarlierId(): Promise<unknown> {
    const foreign = { _id: { $gte: FIRST_OBJECT_ID, $lte: LAST_OBJECT_ID } } as object;
    return (await this.run(() => this.collection.findOne(foreign, ID_ONLY)))?._id;
  }

  /** @param part the first part of a key; the index of `_id` is used. @throws AppError MONGODB_* */
  hasKeysBeginningWith(part: string): Promise<boolean> {
    return this.#any({ _id: { $gte: `${part}|`, $lt: `${part}}` } });
  }

  /** MongoDB's own count, which is an estimate. @throws AppError MONGODB_* */
  estimateCount(): Promise<number> {
    return this.run(() => this.collection.estimatedDocumentCount());
  }

  /** @throws AppError MONGODB_* */
  findByKeys(ids: readonly string[]): Promise<mongo.WithId<RowDocument>[]> {
    return this.run(() => this.collection.find({ _id: { $in: [...ids] } }).toArray());
  }

  /**
   * The documents' bytes as MongoDB stores them. Read from a majority: what only one member has could
   * be rolled back, and not writing a row must be as safe as writing it.
   * @throws AppError MONGODB_*
   */
  findBytesByKeys(ids: readonly string[]): Promise<Uint8Array[]> {
    const options = { raw: true, batchSize: ids.length + 1, readConcern: 'majority' } as const;
    const find = () => this.collection.find({ _id: { $in: [...ids] } }, options).toArray();
    // The driver's types don't know `raw`.
    return this.run(find) as unknown as Promise<Uint8Array[]>;
  }

  /**
   * Sends guarded writes, unordered, one for each `_id`, and retries only those that failed
   * transiently.
   * @param begin the form that is sent first
   * @throws AppError MONGODB_* when the failure is not transient; what has been written stays
   */
  write<Row extends Keyed>(
    writes: readonly GuardedWrite<Row>[],
    begin: 'insert' | 'upsertIfNewer' = 'upsertIfNewer',
  ): Promise<WriteResult<Row>> {
    return bulkWrite(this.collection, writes, this.budget, begin);
  }

  /** Moves the whole collection to another name. Can be repeated. @throws AppError MONGODB_* */
  async setAside(name: string): Promise<void> {
    const connection = this.model.db;
    const db = connection.getClient().db(connection.name);
    await renameCollection(this.collection, name, { db, budget: this.budget });
  }

  async #any(filter: mongo.Filter<RowDocument>): Promise<boolean> {
    return (await this.run(() => this.collection.findOne(filter, ID_ONLY))) !== null;
  }
}
