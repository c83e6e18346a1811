import type { mongo } from 'mongoose';
import { DURATION_MS } from '../models/duration.js';
import type { SyncHistory } from '../models/sync-history.js';

/** The name of each count in the statistics, and its field in a history entry. */
const COUNTS = {
  processed: 'recordsProcessed',
  inserted: 'recordsInserted',
  updated: 'recordsUpdated',
  unchanged: 'recordsUnchanged',
  stale: 'recordsStale',
  error: 'recordsError',
  unreadable: 'recordsUnreadable',
  deleted: 'recordsDeleted',
} as const satisfies Record<string, keyof SyncHistory>;

type CountName = keyof typeof COUNTS;
const COUNT_NAMES = Object.keys(COUNTS) as CountName[];

/** The sums of an earlier version's answers, beside ours. */
const TOTALS = {
  totalProcessed: 'processed',
  totalInserted: 'inserted',
  totalUpdated: 'updated',
  totalErrors: 'error',
} as const satisfies Record<string, CountName>;

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
}

const NO_RUNS: RunTotals = {
  total: 0,
  successful: 0,
  failed: 0,
  timed: 0,
  duration: 0,
  shortest: null,
  longest: null,
  processed: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  stale: 0,
  error: 0,
  unreadable: 0,
  deleted: 0,
};

/** One group a table: the totals of its history, `_id` being its tableId. */
export function totalsByTable(filter: mongo.Filter<SyncHistory>): mongo.Document[] {
  const having = (status: string) => ({ $eq: ['$status', status] });
  const countIf = (condition: object) => ({ $sum: { $cond: [condition, 1, 0] } });
  const timed = { $and: [having('completed'), { $isNumber: '$took' }] };
  const ofTimed = { $cond: [timed, '$took', null] };
  const sums = COUNT_NAMES.map((name) => [name, { $sum: `$${COUNTS[name]}` }]);
  return [
    { $match: filter },
    { $set: { took: DURATION_MS } },
    {
      $group: {
        _id: '$tableId',
        total: { $sum: 1 },
        successful: countIf(having('completed')),
        failed: countIf(having('failed')),
        timed: countIf(timed),
        duration: { $sum: ofTimed },
        shortest: { $min: ofTimed },
        longest: { $max: ofTimed },
        ...Object.fromEntries(sums),
      },
    },
  ];
}

export function addTotals(all: readonly RunTotals[]): RunTotals {
  return all.reduce(add, NO_RUNS);
}

function add(a: RunTotals, b: RunTotals): RunTotals {
  const counts = COUNT_NAMES.map((name) => [name, a[name] + b[name]]);
  return {
    total: a.total + b.total,
    successful: a.successful + b.successful,
    failed: a.failed + b.failed,
    timed: a.timed + b.timed,
    duration: a.duration + b.duration,
    shortest: best(Math.min, a.shortest, b.shortest),
    longest: best(Math.max, a.longest, b.longest),
    ...(Object.fromEntries(counts) as Record<CountName, number>),
  };
}

function best(choose: (a: number, b: number) => number, a: number | null, b: number | null) {
  return a === null || b === null ? (a ?? b) : choose(a, b);
}

/**
 * The totals as an answer shows them. `…Duration` is seconds, 0 where nothing completed;
 * `…DurationMs` is milliseconds, null there.
 */
export function totalsView(totals: RunTotals) {
  const { total, successful, failed, timed, duration, shortest, longest } = totals;
  const records = COUNT_NAMES.map((name) => [name, totals[name]]);
  const totalRecords = Object.entries(TOTALS).map(([name, count]) => [name, totals[count]]);
  const average = timed > 0 ? Math.round(duration / timed) : null;
  return {
    syncHistory: { total, successful, failed },
    records: Object.fromEntries([...totalRecords, ...records]) as Record<string, number>,
    performance: {
      avgDuration: seconds(average),
      minDuration: seconds(shortest),
      maxDuration: seconds(longest),
      avgDurationMs: average,
      minDurationMs: shortest,
      maxDurationMs: longest,
    },
  };
}

function seconds(ms: number | null): number {
  return (ms ?? 0) / 1000;
}
