import { COUNT_NAMES, type CountName, type RunTotals } from '../models/run-totals.js';

/** The sums of an earlier version's answers, beside ours. */
const TOTALS = {
  totalProcessed: 'processed',
  totalInserted: 'inserted',
  totalUpdated: 'updated',
  totalErrors: 'error',
} as const satisfies Record<string, CountName>;

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
