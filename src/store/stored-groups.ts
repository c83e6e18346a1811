import { mongo as driver, type mongo } from 'mongoose';

/** Live documents of one warehouse with one index time. */
export interface StoredGroup {
  readonly ms: number;
  /** As it is stored, as marked JSON where it is no text; undefined: they have none. */
  readonly whseid: string | undefined;
  readonly documents: number;
  /** Documents with an integer SERIALKEY. */
  readonly serials: number;
  /** Sum of these: a number where that is exact; undefined: it is too large for MongoDB to be. */
  readonly serialSum: number | bigint | undefined;
  /** Documents that lack values which could not be read. */
  readonly unreadable: number;
}

/** What one batch of a cursor over `groupsPipeline` brings. */
export interface GroupBatch {
  readonly groups: readonly StoredGroup[];
  /** Documents without a version of ours. */
  readonly foreign: number;
}

const FOREIGN = 'foreign';
const DELETED = 'deleted';

const isDate = (field: string) => ({ $eq: [{ $type: field }, 'date'] });

/** Texts come before all times. */
const TIME = {
  $cond: [
    isDate('$_lake.modifiedAt'),
    { $cond: [isDate('$_lake.deletedAt'), DELETED, '$_lake.modifiedAt'] },
    FOREIGN,
  ],
};

/**
 * SERIALKEY where it is a whole number; anything else becomes a number that it isn't, or null.
 * MongoDB adds longs exactly, and goes over to a double only where the sum is too large for one.
 */
const AS_LONG = {
  $cond: [
    { $isNumber: '$SERIALKEY' },
    { $convert: { input: '$SERIALKEY', to: 'long', onError: null, onNull: null } },
    0,
  ],
};

/**
 * Groups the documents of a collection by warehouse and index time, ordered by the time. Everything
 * that the comparison asks of all documents is answered by this one pass over them: what is sorted
 * out by a $match before it would cost a second look at each.
 * @param after groups of later index times only
 */
export function groupsPipeline(after: Date | undefined): mongo.Document[] {
  return [
    ...(after ? [{ $match: { '_lake.modifiedAt': { $gt: after } } }] : []),
    {
      $group: {
        _id: { t: TIME, w: '$WHSEID' },
        n: { $sum: 1 },
        // Equal across MongoDB's types of numbers, and to nothing that isn't one.
        k: { $sum: { $cond: [{ $eq: ['$SERIALKEY', AS_LONG] }, 1, 0] } },
        s: { $sum: AS_LONG },
        u: { $sum: { $cond: [{ $isArray: '$_lake.unreadable' }, 1, 0] } },
      },
    },
    { $sort: { '_id.t': 1 } },
  ];
}

/** @param documents as `groupsPipeline` makes them, longs as bigint */
export function readGroups(documents: readonly mongo.Document[]): GroupBatch {
  const groups: StoredGroup[] = [];
  let foreign = 0;
  for (const { _id, n, k, s, u } of documents) {
    if (_id.t instanceof Date) {
      groups.push({
        ms: _id.t.getTime(),
        whseid: textOf(_id.w),
        documents: Number(n),
        serials: Number(k),
        serialSum: sumOf(s),
        unreadable: Number(u),
      });
    } else if (_id.t === FOREIGN) foreign += Number(n);
  }
  return { groups, foreign };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return undefined;
  // Marked: the number 5 is not the lake's warehouse '5'.
  return `\0${driver.BSON.EJSON.stringify(value)}`;
}

function sumOf(value: unknown): number | bigint | undefined {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return typeof value === 'bigint' ? value : undefined;
}
