import { countFields } from '../models/row-counts.js';
import type { JobStats, SyncJob } from '../models/sync-job.js';
import { collisionsOf } from './outcome.js';
import { jobCounts } from './segments.js';

/** The counts of a job as its answers show them; `endTime` is left out while it runs. */
export function jobStats(job: SyncJob, endTime?: Date): JobStats {
  const counts = { ...jobCounts(job), collisions: collisionsOf(job) };
  const { startTime } = job.stats;
  return {
    totalRecords: job.totalRecords,
    ...countFields('job', (_, count) => counts[count]),
    startTime,
    ...(endTime && { endTime, durationMs: endTime.getTime() - startTime.getTime() }),
  };
}

/** The counts of a job that has read nothing. */
export function noStats(startTime: Date): JobStats {
  return { totalRecords: 0, ...countFields('job', () => 0), startTime };
}
