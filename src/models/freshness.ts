import { timeOf } from './earlier-record.js';
import type { SyncConfig } from './sync-config.js';

const MINUTE_MS = 60_000;
/** Of `schedule` in netlify/functions/scheduled-sync.ts. */
const INTERVAL_MINUTES = 5;
/** This many intervals without a pass are more than a delay. */
const INTERVALS_MISSED = 3;
/** Minutes after which the schedule, or a due table, counts as overdue. */
export const OVERDUE_MINUTES = INTERVAL_MINUTES * INTERVALS_MISSED;

/** Whether `since` was more than `OVERDUE_MINUTES` ago; undefined: there is nothing to be late with. */
export function isOverdue(since: Date | undefined, now: Date): boolean {
  return since !== undefined && isOlderThan(since, OVERDUE_MINUTES, now);
}

/** Whether a time was more than so many minutes ago. */
export function isOlderThan(time: Date, minutes: number, now: Date): boolean {
  return time.getTime() + minutes * MINUTE_MS < now.getTime();
}

/**
 * Since when a table on the schedule has been due. One that was disabled for long is due from the
 * change that enables it.
 * @returns undefined: its configuration has no times
 */
export function dueSince({
  nextRunAt,
  createdAt,
  updatedAt,
}: Pick<SyncConfig, 'nextRunAt' | 'createdAt' | 'updatedAt'>): Date | undefined {
  const due = timeOf(nextRunAt) ?? timeOf(createdAt);
  const changed = timeOf(updatedAt);
  return due && changed && changed < due ? due : (changed ?? due);
}
