import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { jobStats } from '../sync/stats.js';

/** A job as the answers show it; while it runs its counts are those of the pages saved so far. */
export function jobView(job: SyncJob): Record<string, unknown> {
  const { lease: _, _id, historyId, stats, ...rest } = job;
  return {
    _id: String(_id),
    jobId: String(_id),
    historyId: String(historyId),
    ...rest,
    stats: stats.endTime ? stats : jobStats(job),
  };
}

export function historyView(entry: SyncHistory): Record<string, unknown> {
  return { ...entry, _id: String(entry._id) };
}
