import type { Lease } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import type { LeasePath } from '../store/job-leases.js';

/** The lease that a worker can claim on a job now, by MongoDB's clock; undefined: none is free. */
export function openLease(job: SyncJob, now: Date, leaseMs: number): LeasePath | undefined {
  const free = (lease: Lease | undefined) => !lease || isOver(lease.at, now, leaseMs);
  if (job.phase !== 'reading') return free(job.lease) ? 'lease' : undefined;
  const index = job.segments.findIndex(({ state, lease }) => state === 'open' && free(lease));
  return index < 0 ? undefined : `segments.${index}.lease`;
}

/** Whether no worker has the job or is about to: it was released, or its heartbeat has stopped. */
export function isLeft(job: SyncJob, now: Date, leaseMs: number): boolean {
  return job.idle === true || isOver(job.heartbeat, now, leaseMs);
}

/**
 * Whether a lease or heartbeat of the time `at` has expired. A time further ahead than a lease lasts means that
 * MongoDB's clock has stepped back since: the lease counts as expired.
 */
export function isOver(at: Date, now: Date, leaseMs: number): boolean {
  return Math.abs(now.getTime() - at.getTime()) >= leaseMs;
}

/** Whether all segments are done and the next phase has not begun. */
export function isRead({ phase, segments }: SyncJob): boolean {
  return phase === 'reading' && segments.every(({ state }) => state === 'done');
}
