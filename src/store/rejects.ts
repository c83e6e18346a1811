import { mongo, type Types } from 'mongoose';
import type { SyncReject } from '../models/sync-reject.js';
import { DUPLICATE_KEY } from './driver/mongo-error.js';
import { countOpenByTable } from './open-by-table.js';
import { type FoundPage, ListStore, type PageRequest, type Period } from './pages.js';

/** Which rejects a list shows; a field that is left out limits nothing. */
interface RejectSelection extends Period {
  readonly tableId?: string | undefined;
  readonly reason?: string | undefined;
  readonly state: 'open' | 'resolved' | 'all';
}

/** Certain rejects, or all of a table. */
export type WantedRejects =
  | { readonly ids: readonly Types.ObjectId[] }
  | { readonly tableId: string };

/** A row to be kept as a reject; without `modifiedAt` its version is not known. */
export type NewReject = Pick<
  SyncReject,
  'identity' | 'reason' | 'column' | 'message' | 'raw' | 'unreadable' | 'modifiedAt'
>;

/** A reject whose row is now stored, in a version with this index time. */
export interface ArrivedReject {
  readonly _id: Types.ObjectId;
  readonly modifiedAt: Date;
}

/** The table and the run that met the row; without `jobId` a reject keeps the run it names. */
interface MetBy {
  readonly tableId: string;
  readonly jobId?: string | undefined;
}

/** The identity of a row without any key; several rows may have a SERIALKEY without a warehouse. */
const NO_KEY = /^\?ROW=|^\?SERIALKEY=[^|]*\|$/;

/** Sorts those first that have waited longest for a retry. */
const LONGEST_WAITING = { retriedAt: 1, lastSeenAt: 1, _id: 1 } as const;

/**
 * Rejects: `syncrejects`. Through the driver: a page may have thousands of them, each with a filtered
 * write of its own in one bulk write.
 */
export class RejectStore extends ListStore<SyncReject> {
  protected readonly by = 'lastSeenAt';

  /** One page of the rejects, those last seen first. @throws AppError MONGODB_* */
  page({
    tableId,
    reason,
    state,
    ...request
  }: RejectSelection & PageRequest): Promise<FoundPage<SyncReject>> {
    const conditions = {
      ...(tableId !== undefined && { tableId }),
      ...(reason !== undefined && { reason }),
      // Even `all` has a condition on `open`, so that one index serves every state.
      open: state === 'all' ? { $in: [true, null] } : state === 'open' ? true : null,
    };
    return this.findPage(conditions, request);
  }

  /** Those of the ids that exist. @throws AppError MONGODB_* */
  async knownIds(ids: readonly Types.ObjectId[]): Promise<Types.ObjectId[]> {
    const only = { projection: { _id: 1 } };
    const found = await this.run(() => this.collection.find(among(ids), only).toArray());
    return found.map(({ _id }) => _id);
  }

  /** @throws AppError MONGODB_* */
  async hasOpen(tableId: string): Promise<boolean> {
    return (await this.run(() => this.collection.findOne({ tableId, open: true }))) !== null;
  }

  /** Open rejects of these rows of a table. @throws AppError MONGODB_* */
  findOpen(tableId: string, identities: readonly string[]): Promise<mongo.WithId<SyncReject>[]> {
    const filter = openOf(tableId, identities);
    return this.run(() => this.collection.find(filter).toArray());
  }

  /** How many are open, by table; tables without any are left out. @throws AppError MONGODB_* */
  countOpenByTable(tableIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.run(() => countOpenByTable(this.collection, tableIds));
  }

  /** @throws AppError MONGODB_* */
  countOpen(wanted: WantedRejects): Promise<number> {
    return this.run(() => this.collection.countDocuments(openAmong(wanted)));
  }

  /** Open rejects, those that have waited longest for a retry first. @throws AppError MONGODB_* */
  longestWaiting(wanted: WantedRejects, most: number): Promise<mongo.WithId<SyncReject>[]> {
    const find = () =>
      this.collection.find(openAmong(wanted)).sort(LONGEST_WAITING).limit(most).toArray();
    return this.run(find);
  }

  /** Records that their rows have been fetched again, now. @throws AppError MONGODB_* */
  async noteRetried(ids: readonly Types.ObjectId[]): Promise<void> {
    const retriedAt = this.#now();
    await this.run(() => this.collection.updateMany(among(ids), { $set: { retriedAt } }));
  }

  /**
   * Keeps rows as rejects, or reopens theirs: one reject per row, with the latest reason, unless a
   * later version is known.
   * @throws AppError MONGODB_*
   */
  async openAll(metBy: MetBy, rejects: readonly NewReject[]): Promise<void> {
    if (rejects.length === 0) return;
    const now = this.#now();
    const operations = rejects.map((reject) => openOne(metBy, reject, now));
    await this.run(() =>
      this.collection.bulkWrite(operations, { ordered: false }).catch(unlessKnown),
    );
  }

  /** Closes rejects whose rows are now stored, unless a later version was rejected. @throws AppError MONGODB_* */
  async closeArrived(arrived: readonly ArrivedReject[]): Promise<void> {
    if (arrived.length === 0) return;
    const resolvedAt = this.#now();
    const operations = arrived.map(({ _id, modifiedAt }) => ({
      updateOne: {
        filter: { _id, open: true as const, ...notNewerThan(modifiedAt) },
        update: closing({ resolvedAt, resolution: 'arrived', modifiedAt }),
      },
    }));
    await this.run(() => this.collection.bulkWrite(operations, { ordered: false }));
  }

  /** Closes the rejects of rows that the lake no longer has. @throws AppError MONGODB_* */
  async closeGone(tableId: string, identities: readonly string[]): Promise<void> {
    if (identities.length > 0) await this.#close(openOf(tableId, identities), 'gone');
  }

  /**
   * Closes the rejects of rows without a key that the run has not met: no stored row can resolve them.
   * @throws AppError MONGODB_*
   */
  async closeUnmet(tableId: string, jobId: string): Promise<void> {
    await this.#close({ tableId, open: true, identity: NO_KEY, jobId: { $ne: jobId } }, 'gone');
  }

  /** Closes all rejects of a table whose rows are set aside. @throws AppError MONGODB_* */
  async closeSetAside(tableId: string): Promise<void> {
    await this.#close({ tableId, open: true }, 'set_aside');
  }

  async #close(
    filter: mongo.Filter<SyncReject>,
    resolution: NonNullable<SyncReject['resolution']>,
  ): Promise<void> {
    const update = closing({ resolvedAt: this.#now(), resolution });
    await this.run(() => this.collection.updateMany(filter, update));
  }

  #now(): Date {
    return new Date(this.budget.clock.now());
  }
}

const among = (ids: readonly Types.ObjectId[]) => ({ _id: { $in: [...ids] } });

const openOf = (tableId: string, identities: readonly string[]): mongo.Filter<SyncReject> => ({
  tableId,
  open: true,
  identity: { $in: [...identities] },
});

const openAmong = (wanted: WantedRejects): mongo.Filter<SyncReject> => ({
  ...('ids' in wanted ? among(wanted.ids) : { tableId: wanted.tableId }),
  open: true,
});

const notNewerThan = (modifiedAt: Date) => ({ modifiedAt: { $not: { $gt: modifiedAt } } });

/** A closed reject may be that of another row with the same key, so its time is ignored. */
const notKnownLater = (modifiedAt: Date) => [
  { open: { $exists: false } },
  notNewerThan(modifiedAt),
];

/** Ignores duplicate keys: the reject there has a later version, and does not change. */
function unlessKnown(error: unknown): void {
  const isKnown = ({ code }: mongo.WriteError) => code === DUPLICATE_KEY;
  const known = error instanceof mongo.MongoBulkWriteError && [error.writeErrors].flat();
  if (!known || known.length === 0 || !known.every(isKnown)) throw error;
}

function closing($set: Partial<SyncReject>): mongo.UpdateFilter<SyncReject> {
  return { $set, $unset: { open: '' } };
}

function openOne(
  { tableId, jobId }: MetBy,
  { identity, modifiedAt, unreadable, ...reject }: NewReject,
  now: Date,
): mongo.AnyBulkWriteOperation<SyncReject> {
  return {
    updateOne: {
      filter: { tableId, identity, ...(modifiedAt && { $or: notKnownLater(modifiedAt) }) },
      update: {
        $set: {
          ...reject,
          ...(unreadable && { unreadable }),
          ...(modifiedAt && { modifiedAt }),
          ...(jobId !== undefined && { jobId }),
          lastSeenAt: now,
          open: true,
        },
        $unset: { resolvedAt: '', resolution: '', ...(!unreadable && { unreadable: '' }) },
        $setOnInsert: { firstSeenAt: now },
      },
      upsert: true,
    },
  };
}
