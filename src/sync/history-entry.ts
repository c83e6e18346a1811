import { type ErrorFields, errorView } from '../errors/error-fields.js';
import { durationMsOf } from '../models/duration.js';
import { countFields } from '../models/row-counts.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { statusOf } from './outcome.js';

/** The history entry of a job. */
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
    ...countFields('entry', (names) => stats[names.job]),
    ...(job.proof && { proof: job.proof }),
    ...(errorView(job) as ErrorFields | undefined),
    options: job.options,
    updatedAt: new Date(),
  };
}
