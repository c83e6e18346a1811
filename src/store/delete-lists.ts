import type { mongo, Types } from 'mongoose';
import type { DeleteList } from '../models/delete-list.js';
import { CollectionStore } from './driver/collection-store.js';

/** How long a held list can be confirmed, in milliseconds. */
export const CONFIRMABLE_MS = 7 * 86_400_000;

/** Lists of inferred deletes: `syncdeletelists`. Every operation throws AppError MONGODB_*. */
export class DeleteListStore extends CollectionStore<DeleteList> {
  /**
   * Stores a run's list together with the decision about it, in one write: an applied list counts
   * against the guard before its first delete.
   * @returns the list as stored: repeating the call does not change the decision
   */
  async freeze(list: DeleteList): Promise<DeleteList> {
    const draft = new this.model(list);
    await this.run(() => draft.validate());
    const { tableId, jobId } = list;
    const stored = await this.run(() =>
      this.collection.findOneAndUpdate(
        { tableId, jobId },
        { $setOnInsert: list },
        { upsert: true, returnDocument: 'after' },
      ),
    );
    return stored ?? list;
  }

  /**
   * Replaces all held lists but this run's: they can't be confirmed any more. Can be repeated.
   */
  async replaceOthers(tableId: string, jobId: Types.ObjectId): Promise<void> {
    const others = { tableId, state: 'held' as const, jobId: { $ne: jobId } };
    await this.run(() => this.collection.updateMany(others, { $set: { state: 'replaced' } }));
  }

  /** The list that a run has made; null: none. */
  ofRun(tableId: string, jobId: Types.ObjectId): Promise<DeleteList | null> {
    return this.run(() => this.collection.findOne({ tableId, jobId }));
  }

  /** The list that waits for confirmation, if it can still be confirmed. */
  held(tableId: string, now: Date): Promise<mongo.WithId<DeleteList> | null> {
    const since = new Date(now.getTime() - CONFIRMABLE_MS);
    return this.run(() =>
      this.collection.findOne(
        { tableId, state: 'held', createdAt: { $gt: since } },
        { sort: { createdAt: -1 } },
      ),
    );
  }

  /** The same for each of these tables that has one, by table. */
  async heldByTable(
    tableIds: readonly string[],
    now: Date,
  ): Promise<ReadonlyMap<string, DeleteList>> {
    const since = new Date(now.getTime() - CONFIRMABLE_MS);
    const found = await this.run(() =>
      this.collection
        .find({ tableId: { $in: [...tableIds] }, state: 'held', createdAt: { $gt: since } })
        .toArray(),
    );
    // Hardly ever more than one per table: a new list replaces the others.
    const byTime = found.sort((a, b) => Number(a.createdAt) - Number(b.createdAt));
    return new Map(byTime.map((list) => [list.tableId, list]));
  }

  /** The latest list with this hash, in any state. */
  latestWith(tableId: string, hash: string): Promise<mongo.WithId<DeleteList> | null> {
    return this.run(() => this.collection.findOne({ tableId, hash }, { sort: { createdAt: -1 } }));
  }

  /** Decides a held list. @returns false if it is no longer held */
  async decide(
    tableId: string,
    hash: string,
    state: 'applied' | 'discarded',
    now: Date,
  ): Promise<boolean> {
    const decided = await this.run(() =>
      this.collection.findOneAndUpdate(
        { tableId, hash, state: { $in: ['held', state] } },
        { $set: { state, decidedAt: now } },
        // An earlier list of the same documents, decided already, has the same hash.
        { sort: { createdAt: -1 } },
      ),
    );
    return decided !== null;
  }

  /** Records how many documents a run's list has actually deleted. */
  async noteDeleted(tableId: string, jobId: Types.ObjectId, deleted: number): Promise<void> {
    await this.run(() => this.collection.updateOne({ tableId, jobId }, { $set: { deleted } }));
  }

  /**
   * Number of deletes on lists applied since a time, without lists that were held first: an operator
   * has confirmed those, and one confirmed mass delete would hold every later list for a month.
   */
  async appliedSince(tableId: string, since: Date): Promise<number> {
    const lists = await this.run(() =>
      this.collection
        .find({ tableId, state: 'applied', reasons: { $size: 0 }, decidedAt: { $gt: since } })
        .toArray(),
    );
    return lists.reduce((sum, { deletes }) => sum + deletes, 0);
  }
}
