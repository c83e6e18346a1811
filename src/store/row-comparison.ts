import type { mongo } from 'mongoose';
import { toAppError } from '../errors/app-error.js';
import type { RowDocument } from '../models/row.js';
import { CollectionStore } from './driver/collection-store.js';
import { toMongoError } from './driver/mongo-error.js';
import { type GroupBatch, groupsPipeline, readGroups } from './stored-groups.js';

/** The version of a document, as comparisons need it. */
export interface StoredVersion {
  readonly key: string;
  /** Index time, epoch milliseconds; undefined: this backend did not write the document. */
  readonly modifiedMs: number | undefined;
  readonly deleted: boolean;
  /** SERIALKEY as it is stored; null: it has none. */
  readonly serialKey: unknown;
  /** WHSEID as it is stored; the one in the key may differ. */
  readonly whseid: unknown;
}

/** A document without a row in the lake. */
export interface InferredDelete {
  readonly compared: StoredVersion;
  /** MongoDB's time before the lake was queried for it. */
  readonly inferredAt: Date;
}

/** Both ends inclusive. */
interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

const LIVE = {
  '_lake.modifiedAt': { $type: 'date' },
  '_lake.deletedAt': { $not: { $type: 'date' } },
};
const VERSION = { _lake: 1, SERIALKEY: 1, WHSEID: 1 } as const;
/**
 * What looks at every document of a large table answers only when it has done so, which takes longer
 * than the connection waits for a server that has gone. (An option of the driver's commands; its
 * `timeoutMS` does not overrule that of the connection.)
 */
const WHOLE_TABLE = { readConcern: { level: 'majority' }, socketTimeoutMS: 300_000 } as const;
const CURSOR_DOCUMENTS = 10_000;
const CURSOR_GROUPS = 5_000;
const ATTEMPTS = 3;
const NO_GROUPS: GroupBatch = { groups: [], foreign: 0 };

/**
 * Operations on the rows of one table that comparisons with the lake need; all others are in
 * RowStore. Reads are from a majority: what only one member has could still be rolled back.
 * Every operation throws AppError MONGODB_*.
 */
export class RowComparisonStore extends CollectionStore<RowDocument> {
  /**
   * The live documents in groups, ordered by index time, optionally only those after a time; all
   * groups of one index time are in one batch. The server groups and sorts, so memory use here is
   * constant. Foreign documents are counted only if all groups are requested.
   * @param signal ends the operation, also while MongoDB still groups
   */
  async *groupsAfter(after: Date | undefined, signal?: AbortSignal): AsyncGenerator<GroupBatch> {
    // After a transient failure it continues after the last complete index time.
    let from = after;
    let attempts = 0;
    for (;;) {
      let pending: GroupBatch = NO_GROUPS;
      try {
        for await (const batch of this.#groups(from, signal)) {
          const groups = [...pending.groups, ...batch.groups];
          const foreign = pending.foreign + batch.foreign;
          const lastMs = groups.at(-1)?.ms;
          // Further groups of the last index time may follow.
          const whole = groups.findLastIndex(({ ms }) => ms !== lastMs) + 1;
          const last = groups[whole - 1];
          pending = { groups: groups.slice(whole), foreign: last ? 0 : foreign };
          if (!last) continue;
          yield { groups: groups.slice(0, whole), foreign };
          from = new Date(last.ms);
          attempts = 0;
        }
        yield pending;
        return;
      } catch (thrown) {
        signal?.throwIfAborted();
        const error = toMongoError(thrown);
        if (!toAppError(error).retriable || ++attempts >= ATTEMPTS) throw error;
        await this.budget.clock.sleep(1_000, this.budget.signal);
      }
    }
  }

  async *#groups(
    after: Date | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<GroupBatch> {
    const cursor = this.collection.aggregate<mongo.Document>(groupsPipeline(after), {
      ...WHOLE_TABLE,
      signal,
      allowDiskUse: true,
      // Few enough that V8 frees a batch young.
      batchSize: CURSOR_GROUPS,
      useBigInt64: true,
    });
    try {
      while (await cursor.hasNext()) {
        const { groups, foreign } = readGroups(cursor.readBufferedDocuments());
        yield { groups, foreign: after ? 0 : foreign };
      }
    } finally {
      await cursor.close();
    }
  }

  /** The versions of the documents with these keys; missing documents are left out. */
  async versions(keys: readonly string[]): Promise<Map<string, StoredVersion>> {
    const options = { projection: VERSION, readConcern: 'majority' } as const;
    const found = await this.run(() =>
      this.collection.find({ _id: { $in: [...keys] } }, options).toArray(),
    );
    return new Map(found.map((document) => [document._id, versionOf(document)]));
  }

  /**
   * The keys of live documents with an index time in one of the ranges, a thousand at a time.
   * @param ranges in ascending order
   */
  async *liveKeysWithin(ranges: readonly TimeRange[]): AsyncGenerator<readonly string[]> {
    const filter = { ...LIVE, ...withinOneOf(ranges) };
    const cursor = this.collection.find(filter as mongo.Filter<RowDocument>, {
      ...WHOLE_TABLE,
      projection: { _id: 1 },
      batchSize: CURSOR_DOCUMENTS,
    });
    try {
      let keys: string[] = [];
      for await (const { _id } of cursor) {
        // A run writes only documents with a text as `_id`.
        if (typeof _id !== 'string') continue;
        keys.push(_id);
        if (keys.length < 1_000) continue;
        yield keys;
        keys = [];
      }
      yield keys;
    } catch (error) {
      throw toMongoError(error);
    } finally {
      await cursor.close();
    }
  }

  /**
   * A live document of the warehouse with an index time in none of the ranges and none of the keys.
   * @param warehouse its WHSEID, and the first part of its keys, by which the index of `_id` is used
   */
  async findLiveOutside(
    { whseid, keyPart }: { readonly whseid: string; readonly keyPart: string },
    ranges: readonly TimeRange[],
    keys: readonly string[] = [],
  ): Promise<StoredVersion | undefined> {
    const filter = {
      ...LIVE,
      _id: {
        ...{ $gte: `${keyPart}|`, $lt: `${keyPart}}` },
        ...(keys.length > 0 && { $nin: [...keys] }),
      },
      WHSEID: whseid,
      ...(ranges.length > 0 && { $nor: [withinOneOf(ranges)] }),
    };
    const options = { ...WHOLE_TABLE, projection: VERSION };
    const found = await this.run(() =>
      this.collection.findOne(filter as mongo.Filter<RowDocument>, options),
    );
    return found ? versionOf(found) : undefined;
  }

  /** Number of documents that this backend did not write, and of live ones with unreadable values. */
  async countOddities(): Promise<{ foreign: number; unreadable: number }> {
    const count = (filter: object) =>
      this.run(() =>
        this.collection.countDocuments(filter as mongo.Filter<RowDocument>, { ...WHOLE_TABLE }),
      );
    const [foreign, unreadable] = await Promise.all([
      count({ '_lake.modifiedAt': { $not: { $type: 'date' } } }),
      count({ ...LIVE, '_lake.unreadable': { $type: 'array' } }),
    ]);
    return { foreign, unreadable };
  }

  /**
   * Replaces exactly the version that the row was compared with.
   * @returns false if another version is stored by now
   */
  async replaceVersion(document: RowDocument, compared: StoredVersion): Promise<boolean> {
    const { matchedCount } = await this.run(() =>
      this.collection.replaceOne(exactly(compared), document),
    );
    return matchedCount > 0;
  }

  /**
   * Deletes documents, each only if it is still exactly the version that was compared.
   * @param modifiedAt the index time that the deletes get
   * @param expireAt for hard deletes: only the key is kept, until then; undefined: soft deletes
   */
  async deleteVersions(
    deletes: readonly InferredDelete[],
    {
      modifiedAt,
      epoch,
      expireAt,
    }: {
      readonly modifiedAt: Date;
      readonly epoch: number;
      readonly expireAt: Date | undefined;
    },
  ): Promise<void> {
    if (deletes.length === 0) return;
    const operations = deletes.map(({ compared, inferredAt }) => {
      const _lake = {
        modifiedAt,
        ...(epoch > 0 && { epoch }),
        deletedAt: modifiedAt,
        ...(expireAt && { expireAt }),
        inferredAt,
      };
      const filter = exactly(compared);
      const { key, serialKey } = compared;
      const named = serialKey === null ? {} : { SERIALKEY: serialKey };
      return expireAt
        ? { replaceOne: { filter, replacement: { _id: key, ...named, _lake } } }
        : { updateOne: { filter, update: { $set: { _lake } } } };
    });
    await this.run(() =>
      this.collection.bulkWrite(operations as mongo.AnyBulkWriteOperation<RowDocument>[], {
        ordered: false,
      }),
    );
  }
}

const RANGES_TOGETHER = 10;

/**
 * Matches index times in one of the ranges. They are nested in tens, each ten within its bounds, so
 * that of a hundred ranges a document is compared with about twenty.
 */
function withinOneOf(ranges: readonly TimeRange[]): mongo.Document {
  const within = ({ from, to }: TimeRange): mongo.Document => ({
    '_lake.modifiedAt': { $gte: from, $lte: to },
  });
  const together: mongo.Document[] = [];
  for (let at = 0; at < ranges.length; at += RANGES_TOGETHER) {
    const some = ranges.slice(at, at + RANGES_TOGETHER);
    const [first, last] = [some[0], some.at(-1)];
    if (!first || !last) continue;
    together.push({ ...within({ from: first.from, to: last.to }), $or: some.map(within) });
  }
  return { $or: together };
}

function exactly({
  key,
  modifiedMs,
  deleted,
  serialKey,
}: StoredVersion): mongo.Filter<RowDocument> {
  const filter = {
    _id: key,
    '_lake.modifiedAt': new Date(modifiedMs ?? Number.NaN),
    '_lake.deletedAt': deleted ? { $type: 'date' } : { $not: { $type: 'date' } },
    SERIALKEY: serialKey,
  };
  return filter as mongo.Filter<RowDocument>;
}

function versionOf(document: mongo.WithId<RowDocument>): StoredVersion {
  const { modifiedAt, deletedAt } = (document._lake ?? {}) as Record<string, unknown>;
  return {
    key: document._id,
    modifiedMs: modifiedAt instanceof Date ? modifiedAt.getTime() : undefined,
    deleted: deletedAt instanceof Date,
    serialKey: document.SERIALKEY ?? null,
    whseid: document.WHSEID,
  };
}
