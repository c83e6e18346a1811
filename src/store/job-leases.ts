import type { mongo, Types } from 'mongoose';
import { type ContestedRow, type Lease, MOST_CONTESTED } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import { CollectionStore } from './driver/collection-store.js';

/** The path of a lease in the job: that of the whole job, or of one segment. */
export type LeasePath = 'lease' | `segments.${number}.lease`;

export function leaseAt(job: SyncJob, path: LeasePath): Lease | undefined {
  return path === 'lease' ? job.lease : job.segments[segmentIndex(path)]?.lease;
}

export function segmentIndex(path: LeasePath): number {
  return Number(path.split('.')[1]);
}

/** Fields of a job, dotted paths included. */
export type JobUpdate = { [K in keyof SyncJob]?: SyncJob[K] | undefined } & Record<string, unknown>;

/** A lease as its owner claimed it. */
export interface HeldLease {
  readonly jobId: Types.ObjectId;
  readonly path: LeasePath;
  readonly owner: string;
  readonly fence: number;
}

export interface LeaseClaim {
  readonly path: LeasePath;
  readonly owner: string;
  /** When the job was read, by MongoDB's clock. */
  readonly now: Date;
  /** Claimed by a background worker that an order started: the count of lost orders is reset. */
  readonly ordered: boolean;
}

/** What a page adds to the job's lists. */
export interface Met {
  /** Stored names of columns that the definition doesn't know. */
  readonly unknownColumns: readonly string[];
  /** Columns stored under another name than the lake's. */
  readonly renamedColumns: readonly string[];
  readonly contested: readonly ContestedRow[];
}

/** The time of a lease that has been released. */
const LET_GO = new Date(0);

/**
 * The leases of runs in `syncjobs`, and the updates of their holders. They go through the driver, as
 * all updates of jobs do (see JobStore): every save is filtered by the lease and renews it by the
 * server's clock, in one operation on dotted paths.
 *
 * Every operation throws AppError MONGODB_*, and OUT_OF_TIME if the budget's deadline came first,
 * unless it says otherwise.
 */
export class JobLeaseStore extends CollectionStore<SyncJob> {
  /**
   * Claims the lease if it is still as it was read.
   * @returns the updated job; null if the lease has changed
   */
  claim(job: SyncJob, { path, owner, now, ordered }: LeaseClaim): Promise<SyncJob | null> {
    const held = leaseAt(job, path);
    const asRead = {
      _id: job._id,
      active: true,
      phase: job.phase,
      queryAttempts: job.queryAttempts,
      [`${path}.fence`]: held?.fence ?? { $exists: false },
      [`${path}.at`]: held?.at ?? { $exists: false },
    };
    const update = {
      $set: {
        status: 'in_progress',
        [`${path}.owner`]: owner,
        [`${path}.fence`]: (held?.fence ?? 0) + 1,
      },
      $inc: { 'sinceProgress.takeUps': 1 },
      $min: { 'sinceProgress.from': now },
      $unset: { idle: '', unclaimed: '', ...(ordered && { lostOrders: '' }) },
      $currentDate: { heartbeat: true, [`${path}.at`]: true },
    };
    return this.#change(asRead as mongo.Filter<SyncJob>, update);
  }

  /**
   * Sets fields of the job; one that is undefined is removed.
   * @returns the updated job; null if the lease is lost
   */
  save(lease: HeldLease, fields: JobUpdate): Promise<SyncJob | null> {
    return this.#change(mine(lease), { ...setOf(fields), ...renewal(lease, fields) });
  }

  /**
   * Saves progress without reading the job back, for the save after each page.
   * @returns false if the lease is lost
   */
  async saveProgress(
    lease: HeldLease,
    fields: JobUpdate,
    { contested, ...columns }: Met,
  ): Promise<boolean> {
    const lists = Object.entries(columns).filter(([, names]) => names.length > 0);
    const added = lists.map(([list, names]) => [list, { $each: names }]);
    const update = {
      ...setOf(fields),
      ...renewal(lease, fields),
      ...(added.length > 0 && { $addToSet: Object.fromEntries(added) }),
      ...pushed(contested),
    };
    const { matchedCount } = await this.run(() =>
      this.collection.updateOne(mine(lease), untyped(update)),
    );
    return matchedCount > 0;
  }

  /**
   * Renews the lease. Not retried: the holder renews it again later.
   * @returns false if the lease is lost
   * @throws what the driver throws
   */
  async renew(lease: HeldLease): Promise<boolean> {
    // A renewal that arrives after the release must not claim the lease again.
    const held = { ...mine(lease), [`${lease.path}.at`]: { $ne: LET_GO } };
    const { matchedCount } = await this.collection.updateOne(
      held as mongo.Filter<SyncJob>,
      untyped(renewal(lease, {})),
    );
    return matchedCount > 0;
  }

  /**
   * Lets another worker claim the lease at once. Not retried: a lease also expires by itself.
   * @param idle no worker will continue the job without a new order
   * @throws what the driver throws
   */
  async release(lease: HeldLease, idle: boolean): Promise<void> {
    const ended = { $set: { [`${lease.path}.at`]: LET_GO, ...(idle && { idle: true }) } };
    await this.collection.updateOne(mine(lease), untyped(ended));
  }

  #change(filter: mongo.Filter<SyncJob>, update: object): Promise<SyncJob | null> {
    return this.run(() =>
      this.collection.findOneAndUpdate(filter, untyped(update), { returnDocument: 'after' }),
    );
  }
}

/** The driver's types don't know computed paths. */
function untyped(update: object): mongo.UpdateFilter<SyncJob> {
  return update as mongo.UpdateFilter<SyncJob>;
}

/** Matches the job only while this lease on it is held; every write of its holder is filtered by it. */
function mine({ jobId, path, owner, fence }: HeldLease): mongo.Filter<SyncJob> {
  return {
    _id: jobId,
    active: true,
    [`${path}.owner`]: owner,
    [`${path}.fence`]: fence,
    // A segment's holder must not continue a job that was canceled meanwhile.
    ...(path !== 'lease' && { phase: 'reading' }),
  } as mongo.Filter<SyncJob>;
}

/** Renews by the server's clock, unless the update removes the field of the lease. */
function renewal({ path }: HeldLease, fields: JobUpdate): object {
  const gone = 'lease' in fields || 'segments' in fields;
  return { $currentDate: { heartbeat: true, ...(!gone && { [`${path}.at`]: true }) } };
}

/** The update that sets these fields; one that is undefined is removed. */
function setOf(fields: JobUpdate): object {
  const entries = Object.entries(fields);
  const removed = entries.filter(([, value]) => value === undefined).map(([name]) => [name, '']);
  const set = entries.filter(([, value]) => value !== undefined);
  return {
    $set: { ...Object.fromEntries(set), updatedAt: new Date() },
    ...(removed.length > 0 && { $unset: Object.fromEntries(removed) }),
  };
}

function pushed(contested: readonly ContestedRow[]): object {
  if (contested.length === 0) return {};
  const isTwin = ({ kind }: ContestedRow) => kind === 'twin';
  const push = (rows: readonly ContestedRow[]) => ({ $each: rows, $slice: MOST_CONTESTED });
  return {
    $push: {
      contested: push(contested.filter((row) => !isTwin(row))),
      contestedTwins: push(contested.filter(isTwin)),
    },
  };
}
