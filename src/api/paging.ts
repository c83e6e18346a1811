import { type mongo, Types } from 'mongoose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { native } from '../store/driver/native.js';
import { type RetryBudget, withRetry } from '../store/driver/retry.js';
import { instant } from './fields.js';
import { blankIsAbsent } from './forgiving.js';

const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(
      z
        .int()
        .min(1, { error: 'must be at least 1' })
        .max(most, { error: `must be at most ${most}` }),
    );

/**
 * The place after an entry, by what lists are sorted by: its time, as a text or a number where an
 * earlier version has stored it so; null: it has none.
 */
interface Cursor {
  readonly at: Date | string | number | null;
  readonly id: Types.ObjectId;
}

/** Of a time that is stored as a text; a longer one is none. */
const LONGEST_TIME = 100;

const cursor = z
  .string()
  .max(600)
  .transform((text, context): Cursor => {
    const plain = Buffer.from(text, 'base64url').toString('utf8');
    const [, ms, earlier, id] =
      /^(?:(-?\d{1,15}|)|([ns].{0,100}))\|([0-9a-f]{24})$/su.exec(plain) ?? [];
    const at = ms === undefined ? earlierTime(earlier) : ms === '' ? null : new Date(Number(ms));
    if (at !== undefined && id !== undefined) return { at, id: new Types.ObjectId(id) };
    context.addIssue({ code: 'custom', message: 'must be the nextCursor of an answer' });
    return z.NEVER;
  });

function earlierTime(text = ''): string | number | undefined {
  if (text.startsWith('s')) return text.slice(1);
  const number = text.startsWith('n') ? Number(text.slice(1)) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function textOf({ at, id }: Cursor): string {
  return Buffer.from(`${placeOf(at)}|${id}`).toString('base64url');
}

function placeOf(at: Cursor['at']): string {
  if (at instanceof Date) return String(at.getTime());
  if (at === null) return '';
  return typeof at === 'string' ? `s${at}` : `n${at}`;
}

/**
 * The query parameters of a list: `limit` entries per page, and which page: by its number from 1
 * on, or by the `nextCursor` of the page before.
 */
export const paging = {
  page: blankIsAbsent(wholeNumber(1_000_000)),
  limit: blankIsAbsent(wholeNumber(100)).transform((limit = 10) => limit),
  cursor: blankIsAbsent(cursor),
};

/** Two more, for lists by time: from this time on, and before that one. */
export const period = { from: blankIsAbsent(instant), to: blankIsAbsent(instant) };

/** @returns the condition on the time that a list is sorted by; undefined without either */
export function within({ from, to }: { from?: Date | undefined; to?: Date | undefined }) {
  if (!from && !to) return undefined;
  return { ...(from && { $gte: from }), ...(to && { $lt: to }) };
}

interface Page {
  readonly page?: number | undefined;
  readonly limit: number;
  readonly cursor?: Cursor | undefined;
}

interface PageOf<T> {
  readonly entries: mongo.WithId<T>[];
  readonly pagination: {
    readonly total: number;
    /** There are more than `total`: beyond that nobody counts. */
    readonly totalIsAtLeast?: true;
    /** null where the page was asked for by a cursor. */
    readonly page: number | null;
    readonly limit: number;
    readonly pages: number;
    /** null: this is the last page. */
    readonly nextCursor: string | null;
  };
}

/** Entries that are counted for a page at most: the cost of a page is not to grow with the list. */
const MOST_COUNTED = 10_000;

/**
 * One page of what the filter matches, the latest first; entries of one time by `_id`. Pages by
 * cursor neither repeat nor skip an entry, whatever is added meanwhile; an entry whose own time
 * changes moves.
 * @param by the field of the time
 * @param known how many entries the filter matches, where that is on record: used above the number
 *   up to which they are counted
 * @throws VALIDATION_FAILED where both a page and a cursor are asked for; MONGODB_*
 */
export async function findPage<T extends mongo.Document>(
  model: Parameters<typeof native<T>>[0],
  filter: mongo.Filter<T>,
  by: string,
  { page, limit, cursor: after }: Page,
  scope: RetryBudget,
  known: () => Promise<number | undefined> = async () => undefined,
): Promise<PageOf<T>> {
  if (after && page !== undefined) {
    throw new AppError('VALIDATION_FAILED', 'Check these fields: cursor.', {
      details: [{ field: 'cursor', message: 'give page or cursor, not both' }],
    });
  }
  const collection = native(model);
  const count = () => withRetry(() => countUpTo(MOST_COUNTED + 1, collection, filter), scope);
  const countOrKnow = async () => {
    const all = (await known()) ?? 0;
    return all > MOST_COUNTED ? { all } : { counted: await count() };
  };
  const [{ all, counted = 0 }, found] = await Promise.all([
    countOrKnow(),
    findEntries(collection, filter, by, { page: page ?? 1, limit, cursor: after }, scope),
  ]);
  const entries = found.slice(0, limit);
  const total = all ?? Math.min(counted, MOST_COUNTED);
  return {
    entries,
    pagination: {
      total,
      ...(counted > total && { totalIsAtLeast: true }),
      page: after ? null : (page ?? 1),
      limit,
      pages: Math.ceil(total / limit),
      nextCursor: found.length > limit ? cursorAfter(entries.at(-1), by) : null,
    },
  };
}

/**
 * Whether the list has anything of the table: what the page's further filters leave out counts too.
 * @param total of the page's filter
 */
export async function recordsOf<T extends mongo.Document>(
  model: Parameters<typeof native<T>>[0],
  tableId: string | undefined,
  total: number,
  scope: RetryBudget,
): Promise<{ found: number }> {
  if (tableId === undefined || total > 0) return { found: total };
  const all = { tableId } as unknown as mongo.Filter<T>;
  const any = () => native(model).countDocuments(all, { limit: 1 });
  return { found: await withRetry(any, scope) };
}

/** Before the time that a page begins with: most pages are within the first or the second. */
const WINDOWS_MS = [3 * 3_600_000, 3 * 86_400_000];

/**
 * The page's entries, and one more if there is one. The latest are asked for by their time first:
 * not every server stops reading an index where the page is full, and a site that has not made its
 * indexes has the one by which entries expire all the same.
 */
async function findEntries<T extends mongo.Document>(
  collection: mongo.Collection<T>,
  filter: mongo.Filter<T>,
  by: string,
  { page, limit, cursor: after }: Page & { readonly page: number },
  scope: RetryBudget,
): Promise<mongo.WithId<T>[]> {
  const options = { sort: { [by]: -1, _id: -1 } as const, limit: limit + 1 };
  const place = after ? [beyond(after, by)] : [];
  const find = (more: readonly mongo.Document[], skip = 0) => {
    const all = [filter, ...place, ...more].filter((one) => Object.keys(one).length > 0);
    const wanted = (all.length > 1 ? { $and: all } : (all[0] ?? {})) as mongo.Filter<T>;
    return withRetry(() => collection.find(wanted, { ...options, skip }).toArray(), scope);
  };
  const top = after ? after.at : new Date(scope.clock.now());
  const since =
    top instanceof Date && page === 1 ? WINDOWS_MS.map((ms) => new Date(top.getTime() - ms)) : [];
  for (const time of since) {
    const found = await find([{ [by]: { $gte: time } }]);
    if (found.length > limit) return found;
  }
  return find([], (page - 1) * limit);
}

/** How many the filter matches, and no more than `most`. */
async function countUpTo<T extends mongo.Document>(
  most: number,
  collection: mongo.Collection<T>,
  filter: mongo.Filter<T>,
): Promise<number> {
  if (Object.keys(filter).length > 0) return collection.countDocuments(filter, { limit: most });
  // By the collection's own figure, which may be off after a crash, but never by half.
  if ((await collection.estimatedDocumentCount()) > 2 * most) return most;
  return collection.countDocuments({}, { limit: most, hint: { _id: 1 } });
}

function cursorAfter(last: mongo.Document | undefined, by: string): string | null {
  if (!last) return null;
  return textOf({ at: timeIn(last[by]), id: last._id });
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
