import { mongo as driver, type mongo } from 'mongoose';

/** Live documents of one warehouse with one index time. */
export interface StoredGroup {
  readonly ms: number;
  /** As it is stored, as marked JSON if it is not a text; undefined: they have none. */
  readonly whseid: string | undefined;
  readonly documents: number;
  /** Documents with an integer SERIALKEY. */
  readonly serials: number;
  /** Exact sum of these SERIALKEYs, a number if that is exact; undefined: too large for MongoDB. */
  readonly serialSum: number | bigint | undefined;
  /** Documents with unreadable values. */
  readonly unreadable: number;
}

/** One batch of a cursor of `groupsPipeline`. */
export interface GroupBatch {
  readonly groups: readonly StoredGroup[];
  /** Documents that this backend did not write. */
  readonly foreign: number;
}

const FOREIGN = 'foreign';
const DELETED = 'deleted';

const isDate = (field: string) => ({ $eq: [{ $type: field }, 'date'] });

/** The group's time. Foreign and deleted documents get a text, which MongoDB sorts before all times. */
const TIME = {
  $cond: [
    isDate('$_lake.modifiedAt'),
    { $cond: [isDate('$_lake.deletedAt'), DELETED, '$_lake.modifiedAt'] },
    FOREIGN,
  ],
};

/**
 * SERIALKEY as a long if it is a whole number; else another number than SERIALKEY, or null. MongoDB
 * adds longs exactly, and changes to a double only if the sum is too large for a long.
 */
const AS_LONG = {
  $cond: [
    { $isNumber: '$SERIALKEY' },
    { $convert: { input: '$SERIALKEY', to: 'long', onError: null, onNull: null } },
    0,
  ],
};

/**
 * Groups the documents of a collection by warehouse and index time, ordered by the time. One scan
 * answers everything that the comparison needs to know of all documents; excluding some by a $match
 * would require a second scan for them.
 * @param after groups of later index times only
 */
export function groupsPipeline(after: Date | undefined): mongo.Document[] {
  return [
    ...(after ? [{ $match: { '_lake.modifiedAt': { $gt: after } } }] : []),
    {
      $group: {
        _id: { t: TIME, w: '$WHSEID' },
        n: { $sum: 1 },
        // Compares numbers across MongoDB's types; false for anything that is not a whole number.
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
  // Marked, since the number 5 is not the lake's warehouse '5'.
  return `\0${driver.BSON.EJSON.stringify(value)}`;
}

function sumOf(value: unknown): number | bigint | undefined {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return typeof value === 'bigint' ? value : undefined;
}
