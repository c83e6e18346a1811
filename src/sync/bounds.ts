import type { FinishFailures, SinceProgress, SyncJob } from '../models/sync-job.js';

const MINUTE_MS = 60_000;

/**
 * What ends a run that gets no further, in one place. Each bound is counted in the job, by
 * MongoDB's clock, so that it survives slices, workers and deploys.
 */
export const BOUNDS = {
  /** Leases taken in a row without progress, and how long that has to go on as well. */
  takeUps: 12,
  /** Longer than the lake gives a query (60 min) and than a wait for its quota. */
  withoutProgressMs: 90 * MINUTE_MS,
  /** The longest wait for the lake's quota. */
  quotaMs: 60 * MINUTE_MS,
  /** Accepted orders in a row that no worker took up; from then on passes do the work. */
  lostOrders: 3,
  /** Failures to record a run's end after which an alert is raised. */
  finishFailures: 3,
  /** The pause after the first failure to record it, doubling with each, and the longest one. */
  firstFinishPauseMs: 10_000,
  longestFinishPauseMs: 10 * MINUTE_MS,
} as const;

/**
 * Whether nothing that takes the run up gets any further. Time alone does not tell, since the
 * schedule may have been away; nor does the count, since callers may be impatient.
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

/** Whether it is of use to order another worker for the job. */
export function workersCome({
  unclaimed,
  lostOrders = 0,
}: Pick<SyncJob, 'unclaimed' | 'lostOrders'>) {
  return !unclaimed && lostOrders < BOUNDS.lostOrders;
}

/**
 * Whether a result without an end delivers more rows than any that became visible since the count
 * explain: more than twice as many, and ten pages more.
 * @param read rows of the result so far
 * @param counted rows of its range, before the query
 */
export function isFarBeyond(read: number, counted: number, pageRows: number): boolean {
  return read > 2 * counted + 10 * pageRows;
}

/** Milliseconds until a run's end is recorded again after so many failures to do so. */
export function finishPauseMs(failures: number): number {
  return Math.min(BOUNDS.longestFinishPauseMs, BOUNDS.firstFinishPauseMs * 2 ** (failures - 1));
}

/**
 * Whether the record of the run's end is to be left alone for the moment. No pause is longer than the
 * longest one: MongoDB's clock has stepped back since.
 */
export function isResting(finishing: Pick<FinishFailures, 'nextAt'> | undefined, now: Date) {
  const leftMs = finishing ? finishing.nextAt.getTime() - now.getTime() : 0;
  return leftMs > 0 && leftMs <= BOUNDS.longestFinishPauseMs;
}

function age(from: Date, now: Date): number {
  return now.getTime() - from.getTime();
}
