import type { SyncConfig } from '../models/sync-config.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Consecutive failures after which the table is paused until an operator resumes it. */
const PAUSE_AFTER = 10;

type Schedule = Pick<SyncConfig, 'failureCount' | 'syncFrequency'>;
type Change = Partial<Pick<SyncConfig, 'failureCount' | 'nextRunAt' | 'pausedReason'>>;

/** From one run to the next; 0 for an earlier version's configuration that has no interval. */
function intervalMs({ syncFrequency }: Pick<Schedule, 'syncFrequency'>): number {
  const ms = syncFrequency * MINUTE_MS;
  return Number.isFinite(ms) ? ms : 0;
}

/** When a table is due again if nothing fails. */
export function nextAfter(config: Pick<Schedule, 'syncFrequency'>, now: Date): Date {
  return new Date(now.getTime() + intervalMs(config));
}

/** The schedule after a failed run: each failure in a row doubles the wait, a day at most. */
export function afterFailure(config: Schedule, code: string, now: Date): Change {
  // The lake answers, and the next rows may be storable: one bad row must not stop its table.
  if (code === 'ALL_ROWS_REJECTED') return { nextRunAt: nextAfter(config, now) };
  // An earlier version's configuration has none.
  const failureCount = (config.failureCount ?? 0) + 1;
  const usual = intervalMs(config);
  const wait = Math.max(usual, Math.min(DAY_MS, usual * 2 ** (failureCount - 1)));
  return {
    failureCount,
    nextRunAt: new Date(now.getTime() + wait),
    ...(failureCount >= PAUSE_AFTER && {
      pausedReason: `${failureCount} failures in a row, the last one ${code}`,
    }),
  };
}

/** The schedule after a run that did not fail. If it left rows (`rest`), the table is due at once. */
export function afterSuccess(config: Schedule, rest: boolean, now: Date): Change {
  return { failureCount: 0, nextRunAt: rest ? now : nextAfter(config, now) };
}
