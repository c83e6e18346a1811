import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { LEASE_MS } from '../sync/context.js';
import { jobProgress } from '../sync/job-progress.js';
import { jobStats } from '../sync/stats.js';

/** A job as the answers show it; while it runs its counts are those of the pages saved so far. */
export function jobView(job: SyncJob, now: number): Record<string, unknown> {
  const { segments, _id, historyId, stats, ...shown } = job;
  const { lease: _l, workers: _w, follows: _f, unclaimed: _u, ...rest } = shown;
  return {
    _id: String(_id),
    jobId: String(_id),
    historyId: String(historyId),
    ...rest,
    segments: segments.map(({ lease: _, ...segment }) => segment),
    stats: stats.endTime ? stats : jobStats(job),
    progress: jobProgress(job, now, LEASE_MS),
  };
}

export function historyView(entry: SyncHistory): Record<string, unknown> {
  return { ...entry, _id: String(entry._id) };
}
