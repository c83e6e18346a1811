import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { statusOf } from './outcome.js';

/** A job as its entry in the history shows it. */
export function historyOf(job: SyncJob): Partial<SyncHistory> {
  const { stats, outcome } = job;
  return {
    tableId: job.tableId,
    tableName: job.tableName,
    syncJobId: String(job._id),
    status: outcome ? statusOf(outcome) : job.status,
    ...(outcome && { outcome }),
    mode: job.mode,
    startTime: stats.startTime,
    ...(stats.endTime && { endTime: stats.endTime, duration: stats.duration ?? 0 }),
    recordsProcessed: stats.processedRecords,
    recordsInserted: stats.insertedRecords,
    recordsUpdated: stats.updatedRecords,
    recordsUnchanged: stats.unchangedRecords,
    recordsStale: stats.staleRecords,
    recordsError: stats.errorRecords,
    recordsUnreadable: stats.unreadableRecords,
    recordsDeleted: stats.deletedRecords,
    ...(job.proof && { proof: job.proof }),
    ...(job.error && { error: job.error }),
    options: job.options,
    updatedAt: new Date(),
  };
}
