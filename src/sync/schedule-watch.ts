import type { Clock } from '../clock.js';
import { isOverdue } from '../models/freshness.js';
import type { ScheduleState } from '../models/schedule-state.js';
import type { Store } from '../store/store.js';
import type { SyncContext } from './context.js';

export interface ScheduleFacts {
  /** When the last pass ended; null: there has been none. */
  readonly lastPass: Date | null;
  /** No pass has ended for `OVERDUE_MINUTES`: the schedule is not running. */
  readonly overdue: boolean;
  readonly dispatch: ScheduleState['dispatch'] | undefined;
  /** By MongoDB's clock. */
  readonly now: Date;
}

/**
 * The state of the schedule, by MongoDB's clock. Without any pass so far the time counts from the
 * first configuration: before that there is nothing to run.
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

/**
 * Raises the alert that the schedule was silent, if it was; called by passes and by requests. If
 * there has never been a pass, only the deep health check reports it. Never throws.
 * @param isPass the caller is a pass: if the schedule isn't overdue, the alert is resolved
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
