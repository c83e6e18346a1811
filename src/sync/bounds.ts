import type { FinishFailures, SinceProgress, SyncJob } from '../models/sync-job.js';

const MINUTE_MS = 60_000;

/**
 * The limits that end a run which makes no progress. Each is tracked in the job, by MongoDB's
 * clock, so that it survives slices, workers and deploys.
 */
export const BOUNDS = {
  /** Leases claimed in a row without progress; `withoutProgressMs` must have passed as well. */
  takeUps: 12,
  /** Longer than the lake lets a query run (60 min), and than a wait for its quota. */
  withoutProgressMs: 90 * MINUTE_MS,
  /** The longest wait for the lake's quota. */
  quotaMs: 60 * MINUTE_MS,
  /** Accepted orders in a row for which no worker started; from then on passes do the work. */
  lostOrders: 3,
  /** Failures to record a run's end after which an alert is raised. */
  finishFailures: 3,
  /** The pause after the first failure to record it; it doubles with each, up to the longest. */
  firstFinishPauseMs: 10_000,
  longestFinishPauseMs: 10 * MINUTE_MS,
} as const;

/**
 * Whether the run makes no progress although workers claim it. Time alone is no evidence, since
 * the schedule may have been off; nor is the count, since callers may retry quickly.
 * @param now by MongoDB's clock
 */
export function isStuck(since: SinceProgress | undefined, now: Date): boolean {
  if (!since) return false;
  return since.takeUps >= BOUNDS.takeUps && age(since.from, now) >= BOUNDS.withoutProgressMs;
}

/** Whether the lake has refused the run's calls for longer than any quota of it lasts. */
export function isQuotaOver({ quotaFrom }: Partial<SinceProgress>, now: Date): boolean {
  return quotaFrom !== undefined && age(quotaFrom, now) > BOUNDS.quotaMs;
}

/** Whether another order for the job is likely to start a worker. */
export function workersCome({
  unclaimed,
  lostOrders = 0,
}: Pick<SyncJob, 'unclaimed' | 'lostOrders'>) {
  return !unclaimed && lostOrders < BOUNDS.lostOrders;
}

/**
 * Whether a result of unknown length has delivered more rows than can have become visible since
 * the count: more than twice as many plus ten pages.
 * @param read rows of the result so far
 * @param counted rows of its range, before the query
 */
export function isFarBeyond(read: number, counted: number, pageRows: number): boolean {
  return read > 2 * counted + 10 * pageRows;
}

/** Milliseconds to wait before trying again to record a run's end, after this many failures. */
export function finishPauseMs(failures: number): number {
  return Math.min(BOUNDS.longestFinishPauseMs, BOUNDS.firstFinishPauseMs * 2 ** (failures - 1));
}

/**
 * Whether the pause before the next attempt to record the run's end is still on. A pause that
 * seems longer than the longest one is over: MongoDB's clock has stepped back since.
 */
export function isResting(finishing: Pick<FinishFailures, 'nextAt'> | undefined, now: Date) {
  const leftMs = finishing ? finishing.nextAt.getTime() - now.getTime() : 0;
  return leftMs > 0 && leftMs <= BOUNDS.longestFinishPauseMs;
}

function age(from: Date, now: Date): number {
  return now.getTime() - from.getTime();
}
