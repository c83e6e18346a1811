import type { RowCounts } from './row-counts.js';

/** What a run has read of its results, as its job keeps it, and what shows that it is all. */

/** Who works on a job or segment; `fence` grows with each owner. */
export interface Lease {
  owner: string;
  /** When it was taken or renewed, by MongoDB's clock. */
  at: Date;
  fence: number;
}

/** A range of offsets into the query's frozen result, read by one worker at a time. */
export interface Segment {
  start: number;
  /** The offset that it ends before; null: it ends at the first empty page. */
  end: number | null;
  /** The next offset to read. */
  next: number;
  state: 'open' | 'done';
  counts: RowCounts;
  /** Columns with values to be told of, among the rows counted in `counts.read`. */
  columns?: ColumnCounts[];
  /** Of the rows counted in `counts.read`. */
  keySum?: string;
  oddKeys?: number;
  /** Fingerprints of the latest pages: one that comes back under another offset is a fault. */
  pages?: string[];
  /** `_id` of a row that was written. */
  sampleId?: string;
  /** Of the worker that reads it. */
  lease?: Lease;
}

/** A run that is too large for one query reads several, one after another, by SERIALKEY. */
export interface Split {
  readonly ranges: { serialFrom?: string; serialBefore?: string; withNullSerial?: boolean }[];
  /** The range that is being read. */
  readonly index: number;
  /** What the ranges before it have come to. */
  readonly counts: RowCounts;
  readonly columns?: ColumnCounts[];
  /** The proofs of the ranges before it, added up. */
  readonly proof?: RunProof;
}

/** What was met among the values of one column. Counts are values; `column` is as stored. */
export interface ColumnCounts {
  column: string;
  /** Values that could not be read as what the column holds, and are left out. */
  unreadable: number;
  /** Blank texts in a number or date column, taken for NULL. */
  blank: number;
  /** Dates that were cut to the millisecond. */
  cut: number;
}

/** Rows that one run looks at once more. */
export const MOST_CONTESTED = 200;

/** A row read that met another version, or another live row, under its key in MongoDB. */
export interface ContestedRow {
  /** The document's `_id`. */
  identity: string;
  /**
   * `older`: the same SERIALKEY is stored with a later index time. `twin`: another one is live.
   * `epoch`: what is stored is of a higher epoch than the run.
   */
  kind: 'older' | 'twin' | 'epoch';
  /** Of what is stored. */
  epoch?: number;
  /** By which the lake finds it. */
  key: Record<string, string | null>;
  serialKey: string;
}

/** A row count and a sum of SERIALKEYs, as decimal text. */
export interface KeyTotals {
  rows: number;
  keySum?: string;
}

/** What has been received of a result. */
export interface Received {
  rows: number;
  keySum: string;
  /** SERIALKEYs that can't be read or are no integers: lake and backend may have summed them differently. */
  oddKeys: number;
  /** Rows that could not be stored; left out where there is none. */
  rejected?: number;
}

/**
 * What shows that a run read all rows of its range:
 * - `result`: row count and key sum that the result itself states
 * - `count`: the row count that the result itself states; it states no key sum to compare
 * - `bounded`: the counts before and after the run, since the lake refuses to state totals
 * - `limited`: nothing, since the run stopped at maxRecords
 * - `empty`: the count query found no row
 * - `unchanged`: the count query found the rows that an earlier run has proven to be in MongoDB
 */
export type ProofKind = 'result' | 'count' | 'bounded' | 'limited' | 'empty' | 'unchanged';

/** What an incremental run of the configuration's own scope knows of the rows it counts, by groups. */
export interface LookbackWindow {
  /** Digest of these groups as the last run left it: it read them and found nothing to write. */
  lastDigest?: string;
  /** The lake has refused to list groups: the run counts without them. */
  refused?: true;
  /** Holds if exactly the counted rows are read: digest of the next run's window, sum of all keys. */
  ahead?: { digest: string; keySum: string };
}

/** Kept with the job and shown in its history entry. Counts are rows. */
export interface RunProof {
  how: ProofKind;
  read: number;
  /** What the results themselves stated. */
  stated?: number;
  /** What the finished query's status told; Infor does not document it. */
  told?: number;
  /** By the count query before the run, and by one after it where that was needed. */
  counted?: number;
  recounted?: number;
  /** Sums of SERIALKEY, decimal text. */
  sums?: { stated: string; read: string };
}
