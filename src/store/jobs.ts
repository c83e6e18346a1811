import { type mongo, Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { ErrorFields } from '../errors/error-fields.js';
import { type DispatchOutcome, JOB_PHASES, type SyncJob } from '../models/sync-job.js';
import { CollectionStore } from './driver/collection-store.js';
import { isDuplicateKey } from './driver/mongo-error.js';

const SIGNS = {
  tableId: 1,
  tableName: 1,
  historyId: 1,
  heartbeat: 1,
  finishing: 1,
  dispatch: 1,
  unclaimed: 1,
  lostOrders: 1,
} as const satisfies Partial<Record<keyof SyncJob, 1>>;

/** The fields that show whether an active run has a worker, and the result of its latest order. */
export type WorkerSigns = Pick<SyncJob, '_id' | keyof typeof SIGNS>;

const CANCELABLE = JOB_PHASES.filter((phase) => phase !== 'finishing' && phase !== 'ended');

/** Matches a job whose start died before it became active. */
const NEVER_ACTIVE = { active: { $exists: false }, phase: { $ne: 'ended' } } as const;

const BY_START = { sort: { 'stats.startTime': -1 } } as const;

/**
 * The jobs: `syncjobs`. Its updates go through the driver: they set single fields by dotted paths,
 * several times per page of rows, and are filtered by the state that they change. Mongoose's casting
 * would slow them down without checking anything (most fields are Mixed). The updates of a lease's
 * holder are in JobLeaseStore.
 *
 * Every operation throws AppError MONGODB_*, and OUT_OF_TIME if the budget's deadline came first.
 */
export class JobStore extends CollectionStore<SyncJob> {
  find(jobId: Types.ObjectId): Promise<SyncJob | null> {
    return this.run(() => this.collection.findOne({ _id: jobId }));
  }

  findMany(jobIds: readonly string[]): Promise<SyncJob[]> {
    const _id = { $in: jobIds.map((jobId) => new Types.ObjectId(jobId)) };
    return this.run(() => this.collection.find({ _id }).toArray());
  }

  /** The job of a history entry. */
  findByHistory(historyId: Types.ObjectId): Promise<SyncJob | null> {
    return this.run(() => this.collection.findOne({ historyId }));
  }

  /** The job, and MongoDB's time when it was read. @throws JOB_NOT_FOUND */
  async findWithTime(jobId: Types.ObjectId): Promise<{ job: SyncJob; now: Date }> {
    const pipeline = [{ $match: { _id: jobId } }, { $set: { now: '$$NOW' } }];
    const [found] = await this.run(() =>
      this.collection.aggregate<SyncJob & { now: Date }>(pipeline).toArray(),
    );
    if (!found) throw new AppError('JOB_NOT_FOUND');
    const { now, ...job } = found;
    return { job, now };
  }

  /** The table's active job. */
  active(tableId: string): Promise<SyncJob | null> {
    return this.run(() => this.collection.findOne({ tableId, active: true }));
  }

  allActive(): Promise<SyncJob[]> {
    return this.run(() => this.collection.find({ active: true }).toArray());
  }

  /** The newest index time that each of these jobs has seen in the lake, if any. */
  async ceilingsOf(
    jobIds: readonly string[],
  ): Promise<{ readonly tableId: string; readonly ceiling: Date }[]> {
    const _id = { $in: jobIds.map((jobId) => new Types.ObjectId(jobId)) };
    const only = { projection: { tableId: 1, 'range.ceiling': 1, 'reconcile.ceiling': 1 } };
    const found = await this.run(() => this.collection.find({ _id }, only).toArray());
    return found.flatMap(({ tableId, range, reconcile }) =>
      [range?.ceiling, reconcile?.ceiling].flatMap((ceiling) =>
        ceiling ? [{ tableId, ceiling }] : [],
      ),
    );
  }

  /** The tables that have an active run; only the given table, if there is one. */
  activeTables({ tableId }: { readonly tableId?: string } = {}): Promise<string[]> {
    const filter = { ...(tableId !== undefined && { tableId }), active: true as const };
    return this.run(() => this.collection.distinct('tableId', filter));
  }

  /** The worker signs of all active runs, each with MongoDB's time. */
  activeSigns(): Promise<(WorkerSigns & { now: Date })[]> {
    const pipeline = [
      { $match: { active: true } },
      { $set: { now: '$$NOW' } },
      { $project: { ...SIGNS, now: 1 } },
    ];
    return this.run(() =>
      this.collection.aggregate<WorkerSigns & { now: Date }>(pipeline).toArray(),
    );
  }

  /** The job, if it is active and in the phase reading. */
  reading(jobId: Types.ObjectId): Promise<SyncJob | null> {
    return this.run(() =>
      this.collection.findOne({ _id: jobId, active: true, phase: 'reading' as const }),
    );
  }

  /**
   * The table's last run that sent a data query, and so may have written rows, or that found its
   * rows unchanged: the jobs of a quiet table's earlier runs may have expired.
   */
  lastWithQuery(tableId: string): Promise<SyncJob | null> {
    const [sent, unchanged] = [{ query: { $exists: true } }, { 'proof.how': 'unchanged' }];
    return this.run(() => this.collection.findOne({ tableId, $or: [sent, unchanged] }, BY_START));
  }

  /** Whether another run of the table sent a data query and failed or was canceled. */
  async hasOtherFailure({ _id, tableId }: Pick<SyncJob, '_id' | 'tableId'>): Promise<boolean> {
    const exists = { $exists: true };
    const ended = { tableId, _id: { $ne: _id }, query: exists, error: exists };
    const only = { projection: { _id: 1 } };
    return (await this.run(() => this.collection.findOne(ended, only))) !== null;
  }

  /** A run of the table that failed or was canceled after `since`. */
  failedSince(tableId: string, since: Date): Promise<SyncJob | null> {
    const recent = { tableId, error: { $exists: true }, 'stats.endTime': { $gt: since } };
    return this.run(() => this.collection.findOne(recent));
  }

  /**
   * Stores the job, then makes it the table's active one, of which the unique index allows only one.
   * A crash between the two leaves a job that no worker claims.
   * @returns false if the table has an active run, or another start has created a job with this id
   */
  async claimActive(job: SyncJob): Promise<boolean> {
    const { active: _, ...inactive } = job;
    // Two starts with the same id differ in their history ids.
    const own = { _id: job._id, historyId: job.historyId };
    try {
      const unclaimed = { _id: job._id, ...NEVER_ACTIVE };
      await this.run(() => this.collection.replaceOne(unclaimed, inactive, { upsert: true }));
      const now = { $currentDate: { 'stats.startTime': true, heartbeat: true } };
      return (await this.#update(own, { $set: { active: true }, ...now })) > 0;
    } catch (error) {
      await this.collection.deleteOne(own).catch(() => undefined);
      if (!(error instanceof AppError && isDuplicateKey(error.cause))) throw error;
      return false;
    }
  }

  /** The job, unless its start died before it became active. */
  findStarted(jobId: Types.ObjectId): Promise<SyncJob | null> {
    return this.run(() => this.collection.findOne({ _id: jobId, $nor: [NEVER_ACTIVE] }));
  }

  /** Records in an active job the run before it; null: none. */
  async setFollows(jobId: Types.ObjectId, follows: string | null): Promise<void> {
    await this.#update({ _id: jobId, active: true }, { $set: { follows } });
  }

  /**
   * Moves a canceled run to its last phase: its workers lose their leases.
   * @returns the updated job; null if it can't be canceled any more
   */
  cancel(jobId: Types.ObjectId, error: ErrorFields): Promise<SyncJob | null> {
    return this.#change(
      { _id: jobId, active: true, phase: { $in: CANCELABLE } },
      { $set: { phase: 'finishing', ...error }, $unset: { lease: '' } },
    );
  }

  /** Moves a job whose segments are all done to the next phase; of several callers, one succeeds. */
  async endReading({ _id, split }: Pick<SyncJob, '_id' | 'split'>): Promise<void> {
    const asRead = {
      _id,
      active: true,
      phase: 'reading',
      segments: { $not: { $elemMatch: { state: 'open' } } },
      ...(split && { 'split.index': split.index }),
    };
    await this.#update(asRead, { $set: { phase: 'proving' } });
  }

  /**
   * Raises the number of a slot's latest order.
   * @param after only if the slot still has this number; 0: only if it has had no order
   * @returns the updated job; null if it has ended, or the slot has another number
   */
  nextOrder(
    jobId: Types.ObjectId,
    slot: number,
    after: number | undefined,
  ): Promise<SyncJob | null> {
    const field = `workers.${slot}`;
    const expected =
      after === undefined ? {} : { [field]: after === 0 ? { $exists: false } : after };
    return this.#change(
      { _id: jobId, active: true, ...expected },
      {
        $inc: { [field]: 1 },
        // The ordered worker has the length of a lease to start.
        $unset: { idle: '' },
        $currentDate: { heartbeat: true },
        // Workers of other slots join a job that already has a worker.
        ...(slot === 0 && { $set: { unclaimed: true } }),
      },
    );
  }

  async recordDispatch(jobId: Types.ObjectId, dispatch: DispatchOutcome): Promise<void> {
    await this.#update({ _id: jobId }, { $set: { dispatch } });
  }

  /** Lets another worker claim the job at once, unless the order has started one. */
  async markIdleIfUnclaimed(jobId: Types.ObjectId): Promise<void> {
    const untaken = { _id: jobId, active: true, unclaimed: true };
    await this.#update(untaken, { $set: { idle: true }, $unset: { unclaimed: '' } });
  }

  /** @returns false if a worker has claimed the job, or the loss was counted already */
  async countLostOrder(jobId: Types.ObjectId): Promise<boolean> {
    const lost = { _id: jobId, active: true, unclaimed: true };
    const update = { $inc: { lostOrders: 1 }, $unset: { unclaimed: '' } };
    return (await this.#update(lost, update)) > 0;
  }

  // The driver's types know neither computed paths nor the values set at them.
  async #update(filter: object, update: object): Promise<number> {
    const { matchedCount } = await this.run(() =>
      this.collection.updateOne(
        filter as mongo.Filter<SyncJob>,
        update as mongo.UpdateFilter<SyncJob>,
      ),
    );
    return matchedCount;
  }

  #change(filter: object, update: object): Promise<SyncJob | null> {
    return this.run(() =>
      this.collection.findOneAndUpdate(
        filter as mongo.Filter<SyncJob>,
        update as mongo.UpdateFilter<SyncJob>,
        { returnDocument: 'after' },
      ),
    );
  }
}
