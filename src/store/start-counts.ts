import type { mongo } from 'mongoose';
import { toAppError } from '../errors/app-error.js';
import type { StartCount } from '../models/start-count.js';
import { CollectionStore } from './driver/collection-store.js';
import { isDuplicateKey } from './driver/mongo-error.js';

/**
 * How often each caller has started work: `syncstartcounts`. Through the driver: a counter with a
 * filter has nothing to validate. Every operation throws AppError MONGODB_*.
 */
export class StartCountStore extends CollectionStore<StartCount> {
  /**
   * Counts a start, unless the limit is reached.
   * @param most the limit
   * @returns false if it is reached
   */
  async countBelow(_id: string, most: number, expireAt: Date): Promise<boolean> {
    const filter: mongo.Filter<StartCount> = { _id, count: { $lt: most } };
    const update = { $inc: { count: 1 }, $setOnInsert: { expireAt } };
    try {
      await this.run(() => this.collection.updateOne(filter, update, { upsert: true }));
      return true;
    } catch (thrown) {
      if (!isDuplicateKey(toAppError(thrown).cause)) throw thrown;
      // Two concurrent first starts get here as well: the second attempt finds the first one's count.
      const { matchedCount } = await this.run(() => this.collection.updateOne(filter, update));
      return matchedCount > 0;
    }
  }
}
