import type { Progress } from './public.js';

type Fields = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly job?: Fields | null;
  readonly history?: Fields | null;
}

const STATUSES: readonly unknown[] = ['pending', 'in_progress', 'completed', 'failed'];

/**
 * A job as `sync-status` answers it, or as its history entry keeps it once the job is gone; undefined
 * for an answer without a run, which would be watched for ever.
 */
export function progressOf({ job, history }: Answer, jobId: string): Progress | undefined {
  const run = job ?? history ?? {};
  if (!STATUSES.includes(run.status)) return undefined;
  const stats = (job?.stats ?? {}) as Fields;
  const shown = (job?.progress ?? {}) as Partial<Progress>;
  const count = (ofJob: string, ofEntry: string) => Number(stats[ofJob] ?? history?.[ofEntry] ?? 0);
  const read = count('processedRecords', 'recordsProcessed');
  const status = run.status as Progress['status'];
  return {
    jobId,
    tableId: String(run.tableId),
    status,
    ended: status === 'completed' || status === 'failed',
    ...(typeof run.outcome === 'string' && { outcome: run.outcome }),
    phase: typeof job?.phase === 'string' ? job.phase : null,
    counts: {
      total: Number(stats.totalRecords ?? read),
      read,
      created: count('insertedRecords', 'recordsInserted'),
      updated: count('updatedRecords', 'recordsUpdated'),
      unchanged: count('unchangedRecords', 'recordsUnchanged'),
      stale: count('staleRecords', 'recordsStale'),
      rejected: count('errorRecords', 'recordsError'),
      deleted: count('deletedRecords', 'recordsDeleted'),
      unreadable: count('unreadableRecords', 'recordsUnreadable'),
    },
    percent: shown.percent ?? null,
    rowsPerSecond: shown.rowsPerSecond ?? null,
    secondsLeft: shown.secondsLeft ?? null,
    waitingFor: shown.waitingFor ?? null,
    stalled: shown.stalled ?? false,
    warnings: Array.isArray(run.warnings) ? run.warnings.map(String) : [],
    ...(run.error !== undefined && { error: String(run.error) }),
    ...(run.errorCode !== undefined && { errorCode: String(run.errorCode) }),
    job: run,
  };
}
