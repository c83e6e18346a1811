import { type mongo, Types } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import { CollectionStore } from './driver/collection-store.js';
import { renameCollection } from './driver/rename.js';
import { bulkWrite, type GuardedWrite, type Keyed, type WriteResult } from './row-writes.js';

const ID_ONLY = { projection: { _id: 1 } } as const;

/** Between them lies every ObjectId, and nothing else: MongoDB compares within a type. */
const [FIRST_OBJECT_ID, LAST_OBJECT_ID] = ['0', 'f'].map(
  (digit) => new Types.ObjectId(digit.repeat(24)),
);

/**
 * The rows of one table. Through the driver: a row is stored as the lake has it, and casting
 * millions of them through Mongoose would only take time.
 */
export class RowStore extends CollectionStore<RowDocument> {
  /** Whether the collection holds no document at all, whoever has put it there. @throws AppError MONGODB_* */
  async isEmpty(): Promise<boolean> {
    return !(await this.#any({}));
  }

  /**
   * Whether it holds no row of ours: of documents that strangers have put there none is the table's.
   * @param sampleId `_id` of a row that was there once: one look-up by key, whatever else lies in
   *   the collection
   * @throws AppError MONGODB_*
   */
  async hasNoOwnRows(sampleId: string | undefined): Promise<boolean> {
    const ours = { '_lake.modifiedAt': { $exists: true } };
    if (sampleId !== undefined && (await this.#any({ _id: sampleId, ...ours }))) return false;
    return !(await this.#any(ours));
  }

  /**
   * `_id` of a document of an earlier version, whose keys are ObjectIds; looked for by the index on
   * `_id` alone.
   * @throws AppError MONGODB_*
   */
  async findEarlierId(): Promise<unknown> {
    const foreign = { _id: { $gte: FIRST_OBJECT_ID, $lte: LAST_OBJECT_ID } } as object;
    return (await this.run(() => this.collection.findOne(foreign, ID_ONLY)))?._id;
  }

  /** @param part the first part of a key, whose index is used. @throws AppError MONGODB_* */
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
   * The documents' bytes as MongoDB keeps them. What only one member has could still be rolled
   * back: not writing a row must be as safe as writing it.
   * @throws AppError MONGODB_*
   */
  findBytesByKeys(ids: readonly string[]): Promise<Uint8Array[]> {
    const options = { raw: true, batchSize: ids.length + 1, readConcern: 'majority' } as const;
    const find = () => this.collection.find({ _id: { $in: [...ids] } }, options).toArray();
    // The driver's types don't know of `raw`.
    return this.run(find) as unknown as Promise<Uint8Array[]>;
  }

  /**
   * Sends guarded writes, unordered, one for each `_id`, and repeats only those that failed in a
   * transient way.
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
    await renameCollection(this.collection, name, this.budget);
  }

  async #any(filter: mongo.Filter<RowDocument>): Promise<boolean> {
    return (await this.run(() => this.collection.findOne(filter, ID_ONLY))) !== null;
  }
}
