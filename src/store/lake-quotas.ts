import type { LakeQuota } from '../models/lake-quota.js';
import { CollectionStore } from './driver/collection-store.js';
import { isDuplicateKey } from './driver/mongo-error.js';

/** A quota, and MongoDB's time when it was read. */
export type QuotaWithNow = LakeQuota & { now: Date };

/**
 * The state of each tenant's quota of calls, shared by all instances: `lakequotas`. Through the
 * driver: a turn is taken for each query, only if the document is as it was read. Every operation
 * throws AppError MONGODB_*, and OUT_OF_TIME if the budget's deadline came first.
 */
export class LakeQuotaStore extends CollectionStore<LakeQuota> {
  /** The quota; created if it does not exist, so that all other operations are updates. */
  findOrCreate(_id: string): Promise<QuotaWithNow> {
    return this.run(async () => (await this.#read(_id)) ?? (await this.#create(_id)));
  }

  /**
   * Stores the turns with one more than were read.
   * @param turnCount number of all turns ever taken, as it was read
   * @returns false if another instance has taken a turn since
   */
  async takeTurn(_id: string, turnCount: number, turns: Date[]): Promise<boolean> {
    const asRead = { _id, turnCount: turnCount === 0 ? { $exists: false } : turnCount };
    const update = { $set: { turns, turnCount: turnCount + 1 } };
    const { matchedCount } = await this.run(() => this.collection.updateOne(asRead, update));
    return matchedCount > 0;
  }

  /**
   * Stores the time until which no call is made, unless a later one is stored already.
   * @param pauseMs the length of the pause that ends at that time
   */
  async pause(_id: string, pausedUntil: Date, pauseMs: number): Promise<void> {
    const shorter = { _id, pausedUntil: { $not: { $gte: pausedUntil } } };
    await this.run(() => this.collection.updateOne(shorter, { $set: { pausedUntil, pauseMs } }));
  }

  async #read(_id: string): Promise<QuotaWithNow | undefined> {
    const pipeline = [{ $match: { _id } }, { $set: { now: '$$NOW' } }];
    return (await this.collection.aggregate<QuotaWithNow>(pipeline).toArray())[0];
  }

  async #create(_id: string): Promise<QuotaWithNow> {
    await this.collection.insertOne({ _id }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
    const made = await this.#read(_id);
    if (!made) throw new Error(`The quota ${_id} is gone as soon as it is made.`);
    return made;
  }
}
