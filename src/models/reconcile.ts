import type { Types } from 'mongoose';

/** Both ends inclusive, by decoded index time. */
export interface UnequalRange {
  from: Date;
  to: Date;
  /** Rows and documents with an index time before `from`, and up to `to`. */
  seenBefore: number;
  seenAfter: number;
}

/** Live rows of one warehouse on both sides. */
export interface WarehouseCounts {
  whseid: string;
  rows: number;
  documents: number;
}

/** How far the comparison of the groups is; everything in it belongs to one listing. */
export interface ListingPosition {
  /** Of the first row of the listing's result that is not compared. */
  offset: number;
  /** The index time up to which both sides are compared, inclusive. */
  after?: Date;
  rows: number;
  documents: number;
  groups: number;
  /** Rows above the ceiling, which this run can't have read. */
  inFlight: number;
  /** Documents of warehouses that the scope doesn't have. */
  outOfScope: number;
  /** Rows without warehouse or index time, which no document can stand for. */
  unnamed: number;
  /**
   * Documents without a version of ours, and those that lack values which could not be read; left
   * out where an earlier version has begun the comparison.
   */
  oddities?: { foreign: number; unreadable: number };
  /** What the listing states of itself; `rows` is decimal text. */
  stated?: { groups: number; rows: string };
  /** Hash of the groups so far, hexadecimal. */
  digest: string;
  ranges: UnequalRange[];
  warehouses: WarehouseCounts[];
}

export interface ReconcileCost {
  queries: number;
  pages: number;
  /** Rows and groups that the lake delivered for the comparison. */
  rowsRead: number;
  /** Milliseconds that workers spent on the comparison. */
  workMs: number;
}

/** Why a certificate is less than it could be. */
export interface ReconcileException {
  /** One word for a program. */
  reason: string;
  message: string;
  count?: number;
}

/** What a job that reconciles its table is to do, and how far it is. */
export interface Reconcile {
  /** Differences are mended, not only reported. */
  repair: boolean;
  /** Every row is read and compared value by value. */
  deep?: true;
  /** A list of held deletes that somebody has confirmed, by its hash. */
  confirms?: string;
  /** The newest index time of a run that found everything in MongoDB already, and so read nothing. */
  ceiling?: Date;
  /** MongoDB's time before the listing was asked for. */
  asOf?: Date;
  listingQuery?: { id: string; sql: string; submittedAt: Date };
  position?: ListingPosition;
  /** The next range whose rows are to be listed. */
  nextRange?: number;
  /** Rows of the result that every row is read from, which are compared. */
  comparedRows?: number;
  /** Sum of their integer SERIALKEYs, decimal text, and how many have another one. */
  comparedKeySum?: string;
  comparedOddKeys?: number;
  /** MongoDB's time before the query that confirms candidates was sent. */
  askedAt?: Date;
  /** The last candidate that was confirmed, by key. */
  confirmedUpTo?: string;
  counts?: Partial<Record<DifferenceKind, number>>;
  repaired?: number;
  exceptions?: ReconcileException[];
  /** What the certificate says, once it is issued. */
  result?: Pick<Certificate, 'verdict' | 'remaining' | 'repaired' | 'held'>;
  cost: ReconcileCost;
}

/**
 * What is wrong with a document:
 * - `missing`: the lake has a live row, MongoDB no live document
 * - `stale`: MongoDB has an older version, or a row that the lake calls deleted
 * - `newer`: MongoDB has a version that is ahead of the lake's
 * - `extra`: MongoDB has a live document, the lake no row
 * - `content`: the version is the same, the row is not
 * - `collision`: several live rows of the lake have one key
 * - `foreign`: the document has no version of ours
 * - `rejected`: the row could not be stored, and is kept as a reject
 * - `unasked`: its key can't be written into a statement
 */
export const DIFFERENCE_KINDS = [
  'missing',
  'stale',
  'newer',
  'extra',
  'content',
  'collision',
  'foreign',
  'rejected',
  'unasked',
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One document that differs from the lake, from when it was first seen until it is resolved. */
export interface Difference {
  tableId: string;
  /** `_id` of the document. */
  key: string;
  /** The run that last met it. */
  jobId: Types.ObjectId;
  /** Left out of a candidate, which no second reading has confirmed. */
  kind?: DifferenceKind;
  open?: true;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** Index times of the version on each side. */
  lakeModifiedAt?: Date;
  storedModifiedAt?: Date;
  /** SERIALKEY of the document, as text. */
  serialKey?: string;
  /** Of `extra`: MongoDB's time before the first reading that did not find the row. */
  absentSince?: Date;
  /** Of `extra`: the list of deletes that it is on, by its hash. */
  heldIn?: string;
  resolvedAt?: Date;
  resolution?: 'repaired' | 'gone' | 'deleted';
}

export type ReconcileVerdict = 'equal' | 'repaired' | 'different' | 'unproven';

/** What a reconciling run has found. Counts are rows and documents. */
export interface Certificate {
  /** The job's. */
  _id: Types.ObjectId;
  tableId: string;
  /** MongoDB's time before the lake was asked for its listing. */
  asOf: Date;
  /** The newest index time that the run has read: what is newer is in flight. */
  ceiling: Date | null;
  scope: { whseids: readonly string[] | null };
  /** Live rows that the lake listed, and live documents of MongoDB. */
  rows: number;
  documents: number;
  /** Rows that are in MongoDB in the same version. */
  equal: number;
  counts: Record<Exclude<DifferenceKind, 'unasked'>, number> & {
    outOfScope: number;
    inFlight: number;
    /** Documents that lack values which could not be read. */
    unreadable: number;
  };
  repaired: number;
  /** Differences that are still there. */
  remaining: number;
  /** Deletes that wait for a confirmation. */
  held: number;
  /** SHA-256 of the listing's groups, hexadecimal: the same listing, the same digest. */
  digest: string;
  exceptions: readonly ReconcileException[];
  verdict: ReconcileVerdict;
  cost: { queries: number; pages: number; rowsRead: number; functionSeconds: number };
  endedAt: Date;
}
