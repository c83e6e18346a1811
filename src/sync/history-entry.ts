import { type ErrorFields, errorView } from '../errors/error-fields.js';
import { durationMsOf } from '../models/duration.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { statusOf } from './outcome.js';

/** A job as its entry in the history shows it. */
export function historyOf(job: SyncJob): Partial<SyncHistory> & Pick<SyncHistory, 'tableId'> {
  const { stats, outcome } = job;
  return {
    tableId: job.tableId,
    tableName: job.tableName,
    syncJobId: String(job._id),
    status: outcome ? statusOf(outcome) : job.status,
    ...(outcome && { outcome }),
    mode: job.mode,
    startTime: stats.startTime,
    ...(stats.endTime && { endTime: stats.endTime, durationMs: durationMsOf(stats, false) ?? 0 }),
    recordsProcessed: stats.processedRecords,
    recordsInserted: stats.insertedRecords,
    recordsUpdated: stats.updatedRecords,
    recordsUnchanged: stats.unchangedRecords,
    recordsStale: stats.staleRecords,
    recordsError: stats.errorRecords,
    recordsUnreadable: stats.unreadableRecords,
    recordsDeleted: stats.deletedRecords,
    ...(job.proof && { proof: job.proof }),
    ...(errorView(job) as ErrorFields | undefined),
    options: job.options,
    updatedAt: new Date(),
  };
}
