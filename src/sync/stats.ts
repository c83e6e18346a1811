import type { JobStats, SyncJob } from '../models/sync-job.js';
import { collisionsOf } from './outcome.js';
import { jobCounts } from './segments.js';

/** The counts of a job as its answers show them; `endTime` is left out while it runs. */
export function jobStats(job: SyncJob, endTime?: Date): JobStats {
  const counts = jobCounts(job);
  const { startTime } = job.stats;
  return {
    totalRecords: job.totalRecords,
    processedRecords: counts.read,
    insertedRecords: counts.created,
    updatedRecords: counts.updated,
    unchangedRecords: counts.unchanged,
    staleRecords: counts.stale,
    errorRecords: counts.rejected,
    unreadableRecords: counts.unreadable,
    deletedRecords: counts.deleted,
    replayedRecords: counts.replayed,
    collisions: collisionsOf(job),
    startTime,
    ...(endTime && { endTime, durationMs: endTime.getTime() - startTime.getTime() }),
  };
}

/** The counts of a job that has read nothing. */
export function noStats(startTime: Date): JobStats {
  return {
    totalRecords: 0,
    processedRecords: 0,
    insertedRecords: 0,
    updatedRecords: 0,
    unchangedRecords: 0,
    staleRecords: 0,
    errorRecords: 0,
    unreadableRecords: 0,
    deletedRecords: 0,
    replayedRecords: 0,
    collisions: 0,
    startTime,
  };
}
