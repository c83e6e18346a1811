import { randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { DeliveryResult, HealthState, QueryResult, Receiver } from '../models/health-state.js';
import { CollectionStore } from './driver/collection-store.js';

type WithNow = HealthState & { now: Date };

/**
 * Results that deep health keeps for its next call, and that alerts keep for deep health:
 * `healthstates`. Through the driver: times and claims use MongoDB's clock (`$currentDate`,
 * `$$NOW`). Every operation throws AppError MONGODB_*.
 */
export class HealthStore extends CollectionStore<HealthState> {
  /** Writes a document, to verify that the database accepts writes. */
  async probeWrite(): Promise<void> {
    const now = { $currentDate: { at: true as const } };
    await this.run(() => this.collection.updateOne({ _id: 'write' }, now, { upsert: true }));
  }

  /**
   * Claims the right to send the trivial query to this lake, unless another caller has claimed it
   * within the last `intervalMs` milliseconds.
   * @returns whether the caller has the right, and the result of the previous query
   */
  async claimQuery(
    source: string,
    intervalMs: number,
  ): Promise<{ readonly isOurs: boolean; readonly last: QueryResult | undefined }> {
    const { claim, result: last, now } = (await this.#readQuery()) ?? {};
    const isTaken =
      claim?.source === source && now && now.getTime() - claim.at.getTime() < intervalMs;
    if (isTaken) return { isOurs: false, last };
    const unchanged = { _id: 'query', 'claim.owner': claim?.owner ?? { $exists: false } };
    const update = {
      $set: { 'claim.owner': randomUUID(), 'claim.source': source },
      $currentDate: { 'claim.at': true as const },
    };
    const { matchedCount } = await this.run(() =>
      // The driver's types don't allow a condition on a field within an optional one.
      this.collection.updateOne(unchanged as mongo.Filter<HealthState>, update),
    );
    return { isOurs: matchedCount > 0, last };
  }

  async recordQuery(result: QueryResult): Promise<void> {
    await this.run(() => this.collection.updateOne({ _id: 'query' }, { $set: { result } }));
  }

  /** Records the result of an attempt, made now, to reach a receiver. */
  async recordDelivery(_id: Receiver, delivery: DeliveryResult): Promise<void> {
    const update = { $set: { delivery }, $currentDate: { at: true as const } };
    await this.run(() => this.collection.updateOne({ _id }, update, { upsert: true }));
  }

  /** The result of the last attempt, and when it was made; null before the first one. */
  findDelivery(_id: Receiver): Promise<Pick<HealthState, 'at' | 'delivery'> | null> {
    return this.run(() => this.collection.findOne({ _id }));
  }

  async #readQuery(): Promise<WithNow | undefined> {
    const _id = 'query' as const;
    const first = { $setOnInsert: { at: new Date(0) } };
    await this.run(() => this.collection.updateOne({ _id }, first, { upsert: true }));
    const pipeline = [{ $match: { _id } }, { $set: { now: '$$NOW' } }];
    const [state] = await this.run(() => this.collection.aggregate<WithNow>(pipeline).toArray());
    return state;
  }
}
