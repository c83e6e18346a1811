import type { mongo, Types } from 'mongoose';
import { CollectionStore } from './driver/collection-store.js';

/**
 * The place after an entry, by what lists are sorted by: its time, as a text or a number where an
 * earlier version has stored it so; null: it has none.
 */
export interface Cursor {
  readonly at: Date | string | number | null;
  readonly id: Types.ObjectId;
}

/** Characters of a time that is stored as a text; a longer one is none. */
export const LONGEST_TIME = 100;

/** Which page of a list: by its number from 1 on, or by the cursor after the page before. */
export interface PageRequest {
  readonly page?: number | undefined;
  readonly limit: number;
  readonly cursor?: Cursor | undefined;
}

/** Limits on the time that a list is sorted by: from this time on, and before that one. */
export interface Period {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

export interface FoundPage<T> {
  readonly entries: mongo.WithId<T>[];
  readonly total: number;
  /** There are more than `total`: beyond that nobody counts. */
  readonly totalIsAtLeast: boolean;
  /** Where the next page begins; null: this is the last page. */
  readonly next: Cursor | null;
}

/** Entries that are counted for a page at most: the cost of a page is not to grow with the list. */
const MOST_COUNTED = 10_000;

/** Before the time that a page begins with: most pages are within the first or the second. */
const WINDOWS_MS = [3 * 3_600_000, 3 * 86_400_000];

/** A collection that is shown as a list, the latest first; entries of one time by `_id`. */
export abstract class ListStore<T extends mongo.Document> extends CollectionStore<T> {
  /** The field of the time that the list is sorted by. */
  protected abstract readonly by: keyof T & string;

  /**
   * Whether the list has anything of the table: what a page's further filters leave out counts too.
   * @param total of the page's filter
   * @throws AppError MONGODB_*
   */
  async recordsOf(tableId: string | undefined, total: number): Promise<{ found: number }> {
    if (tableId === undefined || total > 0) return { found: total };
    const all: mongo.Filter<mongo.Document> = { tableId };
    const any = () => this.collection.countDocuments(all as mongo.Filter<T>, { limit: 1 });
    return { found: await this.run(any) };
  }

  /**
   * One page of what the filter matches. Pages by cursor neither repeat nor skip an entry, whatever
   * is added meanwhile; an entry whose own time changes moves.
   * @param known how many entries the filter matches, where that is on record: used above the
   *   number up to which they are counted
   * @throws AppError MONGODB_*
   */
  protected async findPage(
    conditions: mongo.Document,
    { from, to, ...request }: PageRequest & Period,
    known: () => Promise<number | undefined> = async () => undefined,
  ): Promise<FoundPage<T>> {
    const period = (from || to) && { ...(from && { $gte: from }), ...(to && { $lt: to }) };
    const filter = { ...conditions, ...(period && { [this.by]: period }) };
    const countOrKnow = async () => {
      const all = (await known()) ?? 0;
      if (all > MOST_COUNTED) return { all };
      return { counted: await this.run(() => this.#countUpTo(MOST_COUNTED + 1, filter)) };
    };
    const { limit } = request;
    const [{ all, counted = 0 }, found] = await Promise.all([
      countOrKnow(),
      this.#findEntries(filter, request),
    ]);
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    const total = all ?? Math.min(counted, MOST_COUNTED);
    const next = last ? { at: timeIn(last[this.by]), id: last._id } : null;
    return { entries, total, totalIsAtLeast: counted > total, next };
  }

  /**
   * The page's entries, and one more if there is one. The latest are asked for by their time first:
   * not every server stops reading an index where the page is full, and a site that has not made its
   * indexes has the one by which entries expire all the same.
   */
  async #findEntries(
    filter: mongo.Document,
    { page = 1, limit, cursor }: PageRequest,
  ): Promise<mongo.WithId<T>[]> {
    const options = { sort: { [this.by]: -1, _id: -1 } as const, limit: limit + 1 };
    const place = cursor ? [beyond(cursor, this.by)] : [];
    const find = (more: readonly mongo.Document[], skip = 0) => {
      const all = [filter, ...place, ...more].filter((one) => Object.keys(one).length > 0);
      const wanted = (all.length > 1 ? { $and: all } : (all[0] ?? {})) as mongo.Filter<T>;
      return this.run(() => this.collection.find(wanted, { ...options, skip }).toArray());
    };
    const top = cursor ? cursor.at : new Date(this.budget.clock.now());
    const since =
      top instanceof Date && page === 1 ? WINDOWS_MS.map((ms) => new Date(top.getTime() - ms)) : [];
    for (const time of since) {
      const found = await find([{ [this.by]: { $gte: time } }]);
      if (found.length > limit) return found;
    }
    return find([], (page - 1) * limit);
  }

  /** How many the filter matches, and no more than `most`. */
  async #countUpTo(most: number, filter: mongo.Document): Promise<number> {
    const { collection } = this;
    if (Object.keys(filter).length > 0) {
      return collection.countDocuments(filter as mongo.Filter<T>, { limit: most });
    }
    // By the collection's own figure, which may be off after a crash, but never by half.
    if ((await collection.estimatedDocumentCount()) > 2 * most) return most;
    return collection.countDocuments({}, { limit: most, hint: { _id: 1 } });
  }
}

function timeIn(value: unknown): Cursor['at'] {
  if (value instanceof Date) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return typeof value === 'string' && value.length <= LONGEST_TIME ? value : null;
}

/** What comes after the cursor: last of all what has no time, which `$not` matches and `$lt` doesn't. */
function beyond({ at, id }: Cursor, by: string): mongo.Document {
  if (at === null) return { [by]: null, _id: { $lt: id } };
  if (!(at instanceof Date)) {
    // MongoDB sorts by type first: dates, then texts, then numbers. `$gt` compares within one type.
    const ahead = typeof at === 'string' ? ['date'] : ['date', 'string'];
    return {
      $nor: [{ [by]: { $gt: at } }, ...ahead.map((type) => ({ [by]: { $type: type } }))],
      $or: [{ [by]: { $ne: at } }, { _id: { $lt: id } }],
    };
  }
  return {
    [by]: { $not: { $gt: at } },
    $or: [{ [by]: { $not: { $gte: at } } }, { _id: { $lt: id } }],
  };
}
