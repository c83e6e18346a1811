import { countFields } from '../models/row-counts.js';
import type { RunTotals } from '../models/run-totals.js';

/**
 * The totals as an answer shows them. `…Duration` is seconds, 0 where nothing completed;
 * `…DurationMs` is milliseconds, null there.
 */
export function totalsView(totals: RunTotals) {
  const { total, successful, failed, timed, duration, shortest, longest } = totals;
  const average = timed > 0 ? Math.round(duration / timed) : null;
  return {
    syncHistory: { total, successful, failed },
    records: {
      ...countFields('earlierTotal', (names) => totals[names.totals]),
      ...countFields('totals', (names) => totals[names.totals]),
    },
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
