import { Schema, type Types } from 'mongoose';
import { durationMsOf, isEarlierEntry } from './duration.js';
import type { SyncHistory } from './sync-history.js';

/** The name of each count in the statistics, and its field in a history entry. */
export const COUNTS = {
  processed: 'recordsProcessed',
  inserted: 'recordsInserted',
  updated: 'recordsUpdated',
  unchanged: 'recordsUnchanged',
  stale: 'recordsStale',
  error: 'recordsError',
  unreadable: 'recordsUnreadable',
  deleted: 'recordsDeleted',
} as const satisfies Record<string, keyof SyncHistory>;

export type CountName = keyof typeof COUNTS;
export const COUNT_NAMES = Object.keys(COUNTS) as CountName[];

/** Sums over runs. Durations, in milliseconds, are those of completed runs only. */
export interface RunTotals extends Record<CountName, number> {
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
  /** Completed runs whose duration is known. */
  readonly timed: number;
  readonly duration: number;
  readonly shortest: number | null;
  readonly longest: number | null;
  /** No later than when the first of them began, epoch milliseconds; a correction never raises it. */
  readonly oldest: number | null;
}

/** The sums that are added and subtracted; the extremes are chosen. */
export const SUM_NAMES = [
  ...(['total', 'successful', 'failed', 'timed', 'duration'] as const),
  ...COUNT_NAMES,
] as const;

type Sums = Record<(typeof SUM_NAMES)[number], number>;

export const NO_RUNS: RunTotals = {
  ...sumsOf(() => 0),
  shortest: null,
  longest: null,
  oldest: null,
};

export function addTotals(all: readonly RunTotals[]): RunTotals {
  return all.reduce(
    (a, b) => ({
      ...sumsOf((name) => a[name] + b[name]),
      shortest: best(Math.min, a.shortest, b.shortest),
      longest: best(Math.max, a.longest, b.longest),
      oldest: best(Math.min, a.oldest, b.oldest),
    }),
    NO_RUNS,
  );
}

/** The sums without `part`, which is one of their summands; the extremes stay. */
export function subtractTotals(whole: RunTotals, part: RunTotals): RunTotals {
  return { ...whole, ...sumsOf((name) => whole[name] - part[name]) };
}

function sumsOf(value: (name: (typeof SUM_NAMES)[number]) => number): Sums {
  return Object.fromEntries(SUM_NAMES.map((name) => [name, value(name)])) as Sums;
}

function best(choose: (a: number, b: number) => number, a: number | null, b: number | null) {
  return a === null || b === null ? (a ?? b) : choose(a, b);
}

/** What one history entry, of whichever version, adds to its table's totals. */
export function totalsOfEntry(entry: SyncHistory): RunTotals {
  const isCompleted = entry.status === 'completed';
  const took = isCompleted ? durationMsOf(entry, isEarlierEntry(entry)) : undefined;
  const counts = COUNT_NAMES.map((name) => [name, numberOf(entry[COUNTS[name]])]);
  return {
    total: 1,
    successful: isCompleted ? 1 : 0,
    failed: entry.status === 'failed' ? 1 : 0,
    timed: took === undefined ? 0 : 1,
    duration: took ?? 0,
    shortest: took ?? null,
    longest: took ?? null,
    oldest: entry.startTime instanceof Date ? entry.startTime.getTime() : null,
    ...(Object.fromEntries(counts) as Record<CountName, number>),
  };
}

/** What was stored as something else counts as nothing, as `$sum` has it. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** How far a history entry is part of its table's totals. */
export interface Tally {
  /**
   * New with each change of the entry, and gone once that is counted. An entry without one is
   * counted as it is: so are those that were there before there were totals.
   */
  change?: Types.ObjectId;
  /** The entry's table, as long as `change` is there: what is to be counted is found by it. */
  due?: string;
  /** As what the entry is counted while `change` is there; left out: not at all. */
  counted?: RunTotals;
  /** `seq` of the totals that counted the entry last. */
  seq?: number;
}

/** Which run it is; null: the entry has no time. */
export interface LastRun {
  id: Types.ObjectId;
  startTime: Date | null;
}

/** The totals of one table: sums over all runs that its history has ever had. */
export interface StoredTotals {
  /** The tableId. */
  _id: string;
  /** Grows with each change: who has read another number changes nothing. */
  seq: number;
  sums: RunTotals;
  /** Of the runs that have ended, the one that began last; null: there is none. */
  last: LastRun | null;
  /** What the last change counted, and as what; their entries may not say so yet. */
  counted: { id: Types.ObjectId; change: Types.ObjectId; sums: RunTotals }[];
}

export const runTotalsSchema = new Schema<StoredTotals>(
  {
    _id: String,
    seq: { type: Number, required: true },
    sums: { type: Schema.Types.Mixed, required: true },
    last: { type: Schema.Types.Mixed, default: null },
    counted: { type: Schema.Types.Mixed, default: [] },
  },
  { collection: 'syncruntotals', versionKey: false, minimize: false },
);
