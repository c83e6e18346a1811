import type { Clock } from '../clock.js';
import type { ScheduleState } from '../models/schedule-state.js';
import type { Store } from '../store/store.js';
import type { SyncContext } from './context.js';

const MINUTE_MS = 60_000;
/** Of `schedule` in netlify/functions/scheduled-sync.ts. */
const INTERVAL_MINUTES = 5;
/** So many intervals without a pass are no mere delay. */
const INTERVALS_MISSED = 3;
/** Minutes after which the schedule counts as silent. */
export const OVERDUE_MINUTES = INTERVAL_MINUTES * INTERVALS_MISSED;

export interface ScheduleFacts {
  /** When the last pass ended; null: there has been none. */
  readonly lastPass: Date | null;
  /** No pass has ended for so long that the schedule is not running. */
  readonly overdue: boolean;
  readonly dispatch: ScheduleState['dispatch'] | undefined;
  /** By MongoDB's clock. */
  readonly now: Date;
}

/**
 * How the schedule is, by MongoDB's clock. A site without any pass counts from its first
 * configuration: before that there is nothing to run.
 * @throws AppError MONGODB_*
 */
export async function readSchedule(
  { configs, schedules }: Store,
  clock: Clock,
): Promise<ScheduleFacts> {
  const [state, oldest] = await Promise.all([schedules.find(), configs.findOldest()]);
  const lastPass = state?.lastPass ?? null;
  const now = oldest?.now ?? new Date(clock.now());
  return {
    lastPass,
    overdue: oldest !== undefined && isOverdue(lastPass ?? oldest.createdAt, now),
    dispatch: state?.dispatch,
    now,
  };
}

/** @param since the end of the last pass, or the creation of the first configuration */
export function isOverdue(since: Date | undefined, now: Date): boolean {
  if (since === undefined) return false;
  return since.getTime() + OVERDUE_MINUTES * MINUTE_MS < now.getTime();
}

/**
 * A sign of life of the site: raises the alert that the schedule was silent, if it was. A site
 * that has never had a pass is shown by its deep health only.
 * @param isPass of the schedule itself, which then goes on. Nothing is thrown.
 */
export async function watchSchedule(context: SyncContext, isPass: boolean): Promise<void> {
  const { alerts, clock, log, store } = context;
  try {
    const { lastPass, overdue, now } = await readSchedule(store, clock);
    if (lastPass && overdue) await alerts.scheduleWasSilent({ from: lastPass, to: now });
    else if (isPass) await alerts.scheduleGoesOn();
  } catch (error) {
    log.error({ err: error }, 'schedule not watched');
  }
}
