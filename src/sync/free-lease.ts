import type { Lease } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import type { LeasePath } from '../store/job-leases.js';

/** The lease that a worker can take on a job now, by MongoDB's clock; undefined: none is free. */
export function openLease(job: SyncJob, now: Date, leaseMs: number): LeasePath | undefined {
  const free = (lease: Lease | undefined) => !lease || isOver(lease.at, now, leaseMs);
  if (job.phase !== 'reading') return free(job.lease) ? 'lease' : undefined;
  const index = job.segments.findIndex(({ state, lease }) => state === 'open' && free(lease));
  return index < 0 ? undefined : `segments.${index}.lease`;
}

/** Whether nobody works on the job, nor is about to: it was let go of, or has been silent. */
export function isLeft(job: SyncJob, now: Date, leaseMs: number): boolean {
  return job.idle === true || isOver(job.heartbeat, now, leaseMs);
}

/** A time that is further ahead than a lease lasts is that of a clock which has stepped back since. */
export function isOver(at: Date, now: Date, leaseMs: number): boolean {
  return Math.abs(now.getTime() - at.getTime()) >= leaseMs;
}

/** Whether all its segments are done, and what comes after them has not begun. */
export function isRead({ phase, segments }: SyncJob): boolean {
  return phase === 'reading' && segments.every(({ state }) => state === 'done');
}
