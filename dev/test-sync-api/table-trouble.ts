import { reasonOf, type TableStats } from './shapes.js';

const MINUTE_MS = 60_000;
/** The schedule passes every five minutes and starts a table when its time is over: this is late. */
const FREQUENCIES = 3;
const LEAST_MINUTES = 60;

/**
 * What is not in order with a table that is on the schedule: its start is refused, or its turn was
 * long ago. One that was never synced is new. Which tenant's site has refused a table of another one,
 * only deep health knows.
 * @param isPaused somebody has taken it off the schedule
 */
export function troubleOf(table: TableStats, now: number, isPaused: boolean): string | undefined {
  const { tableId, enabled, running, refusals } = table;
  if (!enabled || isPaused) return undefined;
  const refusal = refusals.find(({ errorCode }) => errorCode !== 'SOURCE_CHANGED');
  if (refusal) return `${tableId}: its start is refused: ${reasonOf(refusal)}`;
  const last = lastSyncOf(table);
  if (running || last === undefined) return undefined;
  const minutes = Math.floor((now - last) / MINUTE_MS);
  const limit = Math.max(LEAST_MINUTES, FREQUENCIES * table.syncFrequency);
  if (minutes <= limit) return undefined;
  return `${tableId}: its sync is overdue: the last one was ${minutes} min ago, and ${table.syncFrequency} min are set`;
}

function lastSyncOf({ lastSync }: TableStats): number | undefined {
  const text = typeof lastSync === 'string' ? lastSync : lastSync?.date;
  return text ? Date.parse(text) : undefined;
}
