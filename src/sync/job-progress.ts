import type { Segment } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import { jobCounts } from './segments.js';

export interface JobProgress {
  /** 0–100; null while the rows are not counted yet. */
  readonly percent: number | null;
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly segments: { readonly total: number; readonly done: number; readonly inWork: number };
  /** What the run is waiting for, in words; null while it reads and after its end. */
  readonly waitingFor: string | null;
  /** Milliseconds since the last heartbeat of a worker. */
  readonly heartbeatAgeMs: number;
  /** No heartbeat for the length of a lease: the schedule's next pass resumes the run. */
  readonly stalled: boolean;
}

/** The progress of a run, from what has been saved. */
export function jobProgress(job: SyncJob, now: number, leaseMs: number): JobProgress {
  const { read } = jobCounts(job);
  const total = job.limit.rows > 0 ? Math.min(job.limit.rows, job.totalRecords) : job.totalRecords;
  const heartbeatAgeMs = Math.max(0, now - job.heartbeat.getTime());
  const seconds = ((job.stats.endTime?.getTime() ?? now) - job.stats.startTime.getTime()) / 1000;
  const perSecond = read > 0 && seconds > 0 ? read / seconds : null;
  const left = Math.max(0, total - read);
  const counted = !isBeforeCount(job);
  const inWork = ({ state, lease }: Segment) =>
    state === 'open' && lease !== undefined && now - lease.at.getTime() < leaseMs;
  return {
    percent: percentOf(job, read, total),
    rowsPerSecond: perSecond === null ? null : Math.round(perSecond),
    secondsLeft: job.active && counted && perSecond !== null ? Math.ceil(left / perSecond) : null,
    segments: {
      total: job.segments.length,
      done: job.segments.filter(({ state }) => state === 'done').length,
      inWork: job.active ? job.segments.filter(inWork).length : 0,
    },
    waitingFor: waitingFor(job),
    heartbeatAgeMs,
    stalled: job.active === true && heartbeatAgeMs >= leaseMs,
  };
}

function isBeforeCount({ phase }: SyncJob): boolean {
  return phase === 'learning' || phase === 'counting';
}

function percentOf(job: SyncJob, read: number, total: number): number | null {
  if (!job.active) return job.error ? null : 100;
  if (isBeforeCount(job)) return null;
  return total === 0 ? 0 : Math.min(99, Math.floor((100 * read) / total));
}

function waitingFor(job: SyncJob): string | null {
  if (!job.active) return null;
  if (job.finishing) return 'MongoDB to record the end of the run';
  if (job.idle) return 'a worker to continue the run';
  if (job.sinceProgress?.quotaFrom) return 'the quota of the lake';
  if (job.status === 'pending') return 'a worker to start';
  if (job.phase === 'learning') return 'the lake to describe the object';
  if (job.phase === 'listing') return 'the comparison with the lake';
  if (job.phase === 'locating') return 'the lake to list the rows that differ';
  if (job.phase === 'comparing') return 'the comparison of all values';
  if (job.phase === 'confirming') return 'the lake to confirm the differences';
  if (job.phase === 'proving') return 'the lake to confirm its counts';
  if (job.phase === 'counting') return 'the lake to count the rows';
  if (job.phase === 'querying') return 'the lake to run the query';
  return null;
}
