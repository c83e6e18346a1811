import type { mongo } from 'mongoose';
import type { DeliveryResult, HealthState, QueryResult } from '../models/health-state.js';
import { CollectionStore } from './driver/collection-store.js';

type QueryState = HealthState & { now: Date };

/**
 * What deep health leaves for its next call: `healthstates`. Through the driver: times and claims are
 * by MongoDB's clock (`$currentDate`, `$$NOW`). Every operation throws AppError MONGODB_*.
 */
export class HealthStore extends CollectionStore<HealthState> {
  /** Writes a document: only that shows whether the database can be written. */
  async probeWrite(): Promise<void> {
    const now = { $currentDate: { at: true as const } };
    await this.run(() => this.collection.updateOne({ _id: 'write' }, now, { upsert: true }));
  }

  /** What is known of the trivial query, and MongoDB's time. */
  async readQuery(): Promise<QueryState | undefined> {
    const _id = 'query';
    const first = { $setOnInsert: { at: new Date(0) } };
    await this.run(() => this.collection.updateOne({ _id }, first, { upsert: true }));
    const pipeline = [{ $match: { _id } }, { $set: { now: '$$NOW' } }];
    const [state] = await this.run(() => this.collection.aggregate<QueryState>(pipeline).toArray());
    return state;
  }

  /**
   * Takes the right to send the query.
   * @param last who has it, as it was read
   * @returns false where another instance has taken it since
   */
  async claimQuery(
    last: HealthState['claim'],
    { owner, source }: { readonly owner: string; readonly source: string },
  ): Promise<boolean> {
    const unchanged = { _id: 'query', 'claim.owner': last?.owner ?? { $exists: false } };
    const update = {
      $set: { 'claim.owner': owner, 'claim.source': source },
      $currentDate: { 'claim.at': true as const },
    };
    const { matchedCount } = await this.run(() =>
      // The driver's type knows no condition on a field within an optional one.
      this.collection.updateOne(unchanged as mongo.Filter<HealthState>, update),
    );
    return matchedCount > 0;
  }

  async saveQueryResult(result: QueryResult): Promise<void> {
    await this.run(() => this.collection.updateOne({ _id: 'query' }, { $set: { result } }));
  }

  /** Keeps what came of an attempt to deliver an alert. */
  async recordDelivery(delivery: DeliveryResult): Promise<void> {
    const update = { $set: { delivery }, $currentDate: { at: true as const } };
    await this.run(() => this.collection.updateOne({ _id: 'webhook' }, update, { upsert: true }));
  }

  findDelivery(): Promise<HealthState | null> {
    return this.run(() => this.collection.findOne({ _id: 'webhook' }));
  }
}
