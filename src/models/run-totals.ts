import { Schema, type Types } from 'mongoose';
import { type CountFields, countFields } from './row-counts.js';
import { type OutcomeTotals, outcomeTotals } from './run-outcomes.js';

/** Sums over runs. Durations, in milliseconds, are those of completed runs only. */
export interface RunTotals extends CountFields<'totals'>, OutcomeTotals {
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

/** What is added and subtracted; the extremes are chosen. */
type Sums = Record<Exclude<keyof RunTotals, 'shortest' | 'longest' | 'oldest'>, number>;

const NO_SUMS: Sums = {
  ...{ total: 0, successful: 0, failed: 0, timed: 0, duration: 0 },
  ...countFields('totals', () => 0),
  ...outcomeTotals(() => 0),
};
export const SUM_NAMES = Object.keys(NO_SUMS) as (keyof Sums)[];

export const NO_RUNS: RunTotals = {
  ...NO_SUMS,
  shortest: null,
  longest: null,
  oldest: null,
};

export function addTotals(all: readonly RunTotals[]): RunTotals {
  return all.reduce(
    (a, b) => ({
      ...sumsOf((name) => stored(a, name) + stored(b, name)),
      shortest: best(Math.min, a.shortest, b.shortest),
      longest: best(Math.max, a.longest, b.longest),
      oldest: best(Math.min, a.oldest, b.oldest),
    }),
    NO_RUNS,
  );
}

/** The sums without `part`, which is one of their summands; the extremes stay. */
export function subtractTotals(whole: RunTotals, part: RunTotals): RunTotals {
  return { ...whole, ...sumsOf((name) => stored(whole, name) - stored(part, name)) };
}

/** Totals that an earlier version has stored lack the sums that it did not have: they count from 0. */
function stored(totals: Partial<RunTotals>, name: keyof Sums): number {
  return totals[name] ?? 0;
}

function sumsOf(value: (name: keyof Sums) => number): Sums {
  return Object.fromEntries(SUM_NAMES.map((name) => [name, value(name)])) as Sums;
}

function best(choose: (a: number, b: number) => number, a: number | null, b: number | null) {
  return a === null || b === null ? (a ?? b) : choose(a, b);
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
