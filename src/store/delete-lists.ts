import type { mongo, Types } from 'mongoose';
import type { DeleteList } from '../models/delete-list.js';
import { CollectionStore } from './driver/collection-store.js';

/** How long somebody may confirm a held list. */
export const CONFIRMABLE_MS = 7 * 86_400_000;

/** Lists of inferred deletes: `syncdeletelists`. Every operation throws AppError MONGODB_*. */
export class DeleteListStore extends CollectionStore<DeleteList> {
  /**
   * Freezes a run's list with what was decided of it, in one write: an applied one counts against
   * the guard before its first delete. Of held ones only the latest can be confirmed.
   * @returns the list as it is stored: a repetition decides nothing anew
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
    const others = { tableId, state: 'held' as const, jobId: { $ne: jobId } };
    await this.run(() => this.collection.updateMany(others, { $set: { state: 'replaced' } }));
    return stored ?? list;
  }

  /** The list that a run has made, if it has come to that. */
  ofRun(tableId: string, jobId: Types.ObjectId): Promise<DeleteList | null> {
    return this.run(() => this.collection.findOne({ tableId, jobId }));
  }

  /** The list that waits for somebody, if it can still be confirmed. */
  held(tableId: string, now: Date): Promise<mongo.WithId<DeleteList> | null> {
    const since = new Date(now.getTime() - CONFIRMABLE_MS);
    return this.run(() =>
      this.collection.findOne(
        { tableId, state: 'held', createdAt: { $gt: since } },
        { sort: { createdAt: -1 } },
      ),
    );
  }

  /** The latest list with this hash, whatever became of it. */
  latestWith(tableId: string, hash: string): Promise<mongo.WithId<DeleteList> | null> {
    return this.run(() => this.collection.findOne({ tableId, hash }, { sort: { createdAt: -1 } }));
  }

  /** Decides a held list. @returns false where it is not held any more */
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
        // The same documents may have been on an earlier list, which was decided already.
        { sort: { createdAt: -1 } },
      ),
    );
    return decided !== null;
  }

  /** Notes how many documents a run's list has really deleted. */
  async noteDeleted(tableId: string, jobId: Types.ObjectId, deleted: number): Promise<void> {
    await this.run(() => this.collection.updateOne({ tableId, jobId }, { $set: { deleted } }));
  }

  /** Deletes of applied lists since a time. */
  async appliedSince(tableId: string, since: Date): Promise<number> {
    const lists = await this.run(() =>
      this.collection.find({ tableId, state: 'applied', decidedAt: { $gt: since } }).toArray(),
    );
    return lists.reduce((sum, { deletes }) => sum + deletes, 0);
  }
}
