import type { TableStats } from './shapes.js';

const MINUTE_MS = 60_000;
/** The schedule passes every five minutes and starts a table when its time is over: this is late. */
const FREQUENCIES = 3;
const LEAST_MINUTES = 60;

/**
 * What is not in order with a table that is on the schedule: its start is refused, or its turn was
 * long ago. One that was never synced is new.
 */
export function troubleOf(table: TableStats, now: number): string | undefined {
  const { tableId, enabled, running, refused, overdue } = table;
  if (!enabled) return undefined;
  if (refused) return `${tableId}: its start is refused: ${textOf(refused)}`;
  if (overdue)
    return `${tableId}: its sync is overdue${overdue === true ? '' : `: ${textOf(overdue)}`}`;
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

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    const words = ['code', 'message'].flatMap((name) => {
      const word: unknown = Reflect.get(value, name);
      return typeof word === 'string' ? [word] : [];
    });
    if (words.length > 0) return words.join(': ');
  }
  return JSON.stringify(value);
}
