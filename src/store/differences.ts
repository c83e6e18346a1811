import type { mongo, Types } from 'mongoose';
import type { Difference, DifferenceKind } from '../models/reconcile.js';
import { CollectionStore } from './driver/collection-store.js';
import { countOpenByTable } from './open-by-table.js';
import type { Cursor, FoundPage, PageRequest } from './pages.js';

/** A difference or candidate as it is stored. */
export type StoredDifference = mongo.WithId<Difference>;

/** What the second reading has found about a candidate. */
export interface Finding {
  readonly key: string;
  readonly kind: DifferenceKind;
  readonly lakeModifiedAt?: Date | undefined;
  readonly storedModifiedAt?: Date | undefined;
  readonly serialKey?: string | undefined;
  /** For `extra`: MongoDB's time before the reading. */
  readonly absentSince?: Date | undefined;
}

type Resolution = NonNullable<Difference['resolution']>;

/**
 * Candidates and differences: `syncdifferences`, one per document of a table that was found
 * different. Through the driver: a run may add thousands. Every operation throws AppError MONGODB_*.
 */
export class DifferenceStore extends CollectionStore<Difference> {
  /** Adds documents that a first reading found different; what is stored about them is kept. */
  async addCandidates(
    { tableId, jobId, now }: { tableId: string; jobId: Types.ObjectId; now: Date },
    keys: readonly string[],
  ): Promise<void> {
    if (keys.length === 0) return;
    const operations = keys.map((key) => ({
      updateOne: {
        filter: { tableId, key },
        update: {
          $set: { jobId, lastSeenAt: now },
          $setOnInsert: { firstSeenAt: now },
        },
        upsert: true,
      },
    }));
    await this.run(() => this.collection.bulkWrite(operations, { ordered: false }));
  }

  countCandidates(tableId: string, jobId: Types.ObjectId): Promise<number> {
    return this.run(() => this.collection.countDocuments({ tableId, jobId }));
  }

  /** Candidates of a run, sorted by key, from the one after `after`; at most `most`. */
  candidates(
    tableId: string,
    jobId: Types.ObjectId,
    { after, most }: { after: string | undefined; most: number },
  ): Promise<StoredDifference[]> {
    const filter = { tableId, jobId, ...(after !== undefined && { key: { $gt: after } }) };
    return this.run(() => this.collection.find(filter).sort({ key: 1 }).limit(most).toArray());
  }

  /**
   * Records findings as open differences. An `extra` keeps the time at which it was first found
   * absent, unless it is stored in another version by now: then the row existed in between.
   */
  async confirm(tableId: string, findings: readonly Finding[], now: Date): Promise<void> {
    if (findings.length === 0) return;
    const operations = findings.map(({ key, absentSince, ...found }) => {
      const set: mongo.Document = { ...withoutUndefined(found), open: true, lastSeenAt: now };
      const isExtra = found.kind === 'extra';
      const gone = ['resolvedAt', 'resolution', ...(isExtra ? [] : ['absentSince', 'heldIn'])];
      const update: mongo.Document[] = [
        {
          $set: {
            ...literal(set),
            // A resolved difference that is found again is a new one.
            firstSeenAt: { $cond: [{ $gt: ['$resolvedAt', null] }, now, '$firstSeenAt'] },
            ...(absentSince && {
              absentSince: {
                $cond: [
                  isStillAbsent(found),
                  { $ifNull: ['$absentSince', absentSince] },
                  absentSince,
                ],
              },
            }),
          },
        },
        { $unset: gone },
      ];
      return { updateOne: { filter: { tableId, key }, update } };
    });
    await this.run(() => this.collection.bulkWrite(operations, { ordered: false }));
  }

  /** Resolves differences; a candidate that was none is removed. */
  async resolve(
    tableId: string,
    keys: readonly string[],
    resolution: Resolution,
    now: Date,
  ): Promise<void> {
    if (keys.length === 0) return;
    const among = { tableId, key: { $in: [...keys] } };
    await this.run(() =>
      this.collection.updateMany({ ...among, open: true }, ended(resolution, now)),
    );
    await this.run(() => this.collection.deleteMany({ ...among, kind: { $exists: false } }));
  }

  /** Resolves the differences that a complete comparison has not found again. */
  async resolveUnmet(tableId: string, jobId: Types.ObjectId, now: Date): Promise<void> {
    const others = { tableId, jobId: { $ne: jobId } };
    await this.run(() => this.collection.updateMany({ ...others, open: true }, ended('gone', now)));
    await this.run(() => this.collection.deleteMany({ ...others, kind: { $exists: false } }));
  }

  /** A run's absent documents that were already absent at a time, sorted by key. */
  absentSince(
    tableId: string,
    jobId: Types.ObjectId,
    { before, after, most }: { before: Date; after?: string | undefined; most: number },
  ): Promise<StoredDifference[]> {
    const filter = {
      ...{ tableId, jobId, kind: 'extra' as const, open: true as const },
      absentSince: { $lte: before },
      ...(after !== undefined && { key: { $gt: after } }),
    };
    return this.run(() => this.collection.find(filter).sort({ key: 1 }).limit(most).toArray());
  }

  /** How many documents a run has deleted. */
  countDeleted(tableId: string, jobId: Types.ObjectId): Promise<number> {
    const filter = { tableId, jobId, resolution: 'deleted' as const };
    return this.run(() => this.collection.countDocuments(filter));
  }

  /** The keys of open differences and of a run's candidates. */
  async keysInDoubt(tableId: string, jobId: Types.ObjectId): Promise<string[]> {
    const options = { projection: { key: 1, _id: 0 } } as const;
    const filter = { tableId, $or: [{ open: true as const }, { jobId }] };
    const found = await this.run(() => this.collection.find(filter, options).toArray());
    return found.map(({ key }) => key);
  }

  /** Puts documents on a list of deletes. */
  async putOnList(tableId: string, keys: readonly string[], hash: string): Promise<void> {
    await this.run(() =>
      this.collection.updateMany({ tableId, key: { $in: [...keys] } }, { $set: { heldIn: hash } }),
    );
  }

  /** Makes the documents of a list candidates of another run. @returns their number */
  async takeOver(tableId: string, hash: string, jobId: Types.ObjectId): Promise<number> {
    const onList = { tableId, heldIn: hash, open: true as const };
    await this.run(() => this.collection.updateMany(onList, { $set: { jobId } }));
    return this.run(() => this.collection.countDocuments(onList));
  }

  /** Takes documents off a list: their time of absence starts now. */
  async dropList(tableId: string, hash: string, now: Date): Promise<void> {
    const change = { $unset: { heldIn: '' as const }, $set: { absentSince: now } };
    await this.run(() => this.collection.updateMany({ tableId, heldIn: hash }, change));
  }

  /** @param heldIn the hash of a list of deletes: only those on it */
  countOpen(tableId: string, heldIn?: string): Promise<number> {
    return this.run(() => this.collection.countDocuments(openOf(tableId, heldIn)));
  }

  /** How many are open, by table; tables without any are left out. */
  countOpenByTable(tableIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.run(() => countOpenByTable(this.collection, tableIds));
  }

  /** When the oldest open difference was first seen. */
  async oldestOpen(tableId: string): Promise<Date | undefined> {
    const first = await this.run(() =>
      this.collection.findOne({ tableId, open: true }, { sort: { firstSeenAt: 1, _id: 1 } }),
    );
    return first?.firstSeenAt;
  }

  /**
   * One page of the open differences, the oldest first.
   * @param heldIn the hash of a list of deletes: only those on it
   */
  async page(
    tableId: string,
    { page = 1, limit, cursor, heldIn }: PageRequest & { readonly heldIn?: string | undefined },
  ): Promise<FoundPage<Difference>> {
    const skip = cursor ? 0 : (page - 1) * limit;
    const [found, total] = await Promise.all([
      this.#openAfter(openOf(tableId, heldIn), cursor, { skip, limit: limit + 1 }),
      this.countOpen(tableId, heldIn),
    ]);
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    return { entries, total, totalIsAtLeast: false, next: last ? placeOf(last) : null };
  }

  /**
   * All open differences, or those on one list of deletes, the oldest first, in batches; those opened
   * meanwhile come last.
   */
  async *openPages(
    tableId: string,
    limit: number,
    heldIn?: string,
  ): AsyncGenerator<StoredDifference[]> {
    let cursor: Cursor | undefined;
    for (;;) {
      const found = await this.#openAfter(openOf(tableId, heldIn), cursor, { skip: 0, limit });
      yield found;
      const last = found.at(-1);
      if (!last || found.length < limit) return;
      cursor = placeOf(last);
    }
  }

  #openAfter(
    wanted: ReturnType<typeof openOf>,
    cursor: Cursor | undefined,
    options: { skip: number; limit: number },
  ): Promise<StoredDifference[]> {
    const at = cursor?.at instanceof Date ? cursor.at : new Date(0);
    const filter = {
      ...wanted,
      // Redundant, but only this lower bound can be used with the index.
      ...(cursor && {
        firstSeenAt: { $gte: at },
        $or: [{ firstSeenAt: { $gt: at } }, { _id: { $gt: cursor.id } }],
      }),
    };
    const sort = { firstSeenAt: 1, _id: 1 } as const;
    return this.run(() => this.collection.find(filter, { sort, ...options }).toArray());
  }
}

function openOf(tableId: string, heldIn: string | undefined) {
  return { tableId, open: true as const, ...(heldIn !== undefined && { heldIn }) };
}

function placeOf({ firstSeenAt, _id }: StoredDifference): Cursor {
  return { at: firstSeenAt, id: _id };
}

function isStillAbsent({ storedModifiedAt, serialKey }: Partial<Finding>): mongo.Document {
  const same = (field: string, value: unknown) => ({ $eq: [field, { $literal: value ?? null }] });
  const version = [same('$storedModifiedAt', storedModifiedAt), same('$serialKey', serialKey)];
  return { $and: [same('$kind', 'extra'), same('$open', true), ...version] };
}

function ended(resolution: Resolution, now: Date) {
  return { $set: { resolvedAt: now, resolution }, $unset: { open: '', heldIn: '' } } as const;
}

function literal(fields: mongo.Document): mongo.Document {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, { $literal: value }]),
  );
}

function withoutUndefined(fields: object): mongo.Document {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
