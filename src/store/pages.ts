import type { mongo, Types } from 'mongoose';
import { CollectionStore } from './driver/collection-store.js';

/**
 * The position after an entry, by the list's sort key: its time, a text or a number if an earlier
 * version has stored it so; null: it has none.
 */
export interface Cursor {
  readonly at: Date | string | number | null;
  readonly id: Types.ObjectId;
}

/** The most characters of a time that is stored as text; a longer text is not a time. */
export const LONGEST_TIME = 100;

/** The page of a list to read: by its number, from 1, or by the cursor after the previous page. */
export interface PageRequest {
  readonly page?: number | undefined;
  readonly limit: number;
  readonly cursor?: Cursor | undefined;
}

/** A period of the time that a list is sorted by: `from` is inclusive, `to` exclusive. */
export interface Period {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

export interface FoundPage<T> {
  readonly entries: mongo.WithId<T>[];
  readonly total: number;
  /** There are more than `total`; counting stops there. */
  readonly totalIsAtLeast: boolean;
  /** Where the next page begins; null: this is the last page. */
  readonly next: Cursor | null;
}

/** The most entries that are counted for a page, so that its cost does not grow with the list. */
const MOST_COUNTED = 10_000;

/** Periods before the time that a page begins with; most pages are within the first or the second. */
const WINDOWS_MS = [3 * 3_600_000, 3 * 86_400_000];

/** A collection that is shown as a list, the latest first; entries with equal times by `_id`. */
export abstract class ListStore<T extends mongo.Document> extends CollectionStore<T> {
  /** The field of the time that the list is sorted by. */
  protected abstract readonly by: keyof T & string;

  /**
   * Whether the list has any entry of the table, including those that a page's other filters exclude.
   * @param total number of entries that the page's filter matches
   * @throws AppError MONGODB_*
   */
  async recordsOf(tableId: string | undefined, total: number): Promise<{ found: number }> {
    if (tableId === undefined || total > 0) return { found: total };
    const all: mongo.Filter<mongo.Document> = { tableId };
    const any = () => this.collection.countDocuments(all as mongo.Filter<T>, { limit: 1 });
    return { found: await this.run(any) };
  }

  /**
   * One page of the entries that the filter matches. Pages by cursor neither repeat nor skip an
   * entry, even if others are added meanwhile; an entry whose own time changes moves.
   * @param known how many entries the filter matches, if that is stored: used if it is more than the
   *   number up to which entries are counted
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
   * The page's entries, and one more if there is one. The latest are queried by their time first: not
   * every server stops reading an index when the page is full, and a site whose indexes were not
   * created has at least the one by which entries expire.
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

  /** How many entries the filter matches, at most `most`. */
  async #countUpTo(most: number, filter: mongo.Document): Promise<number> {
    const { collection } = this;
    if (Object.keys(filter).length > 0) {
      return collection.countDocuments(filter as mongo.Filter<T>, { limit: most });
    }
    // The collection's own count may be wrong after a crash, but never by half.
    if ((await collection.estimatedDocumentCount()) > 2 * most) return most;
    return collection.countDocuments({}, { limit: most, hint: { _id: 1 } });
  }
}

function timeIn(value: unknown): Cursor['at'] {
  if (value instanceof Date) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return typeof value === 'string' && value.length <= LONGEST_TIME ? value : null;
}

/** Matches entries after the cursor. Those without a time come last; `$not` matches them, `$lt` doesn't. */
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
