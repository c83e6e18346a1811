import type { Leftovers, SyncConfig } from '../models/sync-config.js';
import type { JobOutcome, JobStatus, SyncJob } from '../models/sync-job.js';
import { jobCounts } from './segments.js';

/** What a run comes to. Pure: the same job gives the same answer however often it is asked. */
export function outcomeOf(job: SyncJob): JobOutcome {
  if (job.error) return job.error.code === 'SYNC_CANCELED' ? 'canceled' : 'failed';
  if (stoppedAtLimit(job)) return 'partial';
  if (jobCounts(job).rejected > 0) return 'with_rejects';
  return job.segments.length === 0 ? 'nothing_new' : 'complete';
}

/** The two words that earlier frontends wait for. A canceled run has not done what was asked. */
export function statusOf(outcome: JobOutcome): JobStatus {
  return outcome === 'failed' || outcome === 'canceled' ? 'failed' : 'completed';
}

/** Not where the result ended first: rows that changed after the count are not among its own. */
function stoppedAtLimit(job: SyncJob): boolean {
  const last = job.segments.at(-1);
  return last !== undefined && last.next === last.end;
}

/** What a run that did not fail leaves to the next one. */
export function progress(job: SyncJob): { set: Partial<SyncConfig>; unset: string[] } {
  const { scope, outcome, range, watermarkBefore, mode } = job;
  const seen = {
    sourceHash: job.hashes.source,
    ...(job.deleteFlagSeen && { deleteFlag: true }),
  };
  if (!scope.own) return { set: seen, unset: [] };
  if (outcome === 'partial') {
    const leftovers = job.limit.keepRest ? leftoversOf(job) : undefined;
    return { set: { ...seen, ...(leftovers && { leftovers }) }, unset: [] };
  }
  const ceiling = later(range.ceiling, watermarkBefore);
  const wasFull = mode === 'full';
  return {
    set: {
      ...seen,
      deleteFlag: job.deleteFlagSeen ?? job.deleteFlag,
      ...(ceiling && { watermark: ceiling }),
      ...(wasFull && { shapeHash: job.hashes.shape, initialSync: false }),
    },
    unset: ['leftovers'],
  };
}

function leftoversOf(job: SyncJob): Leftovers | undefined {
  const { mode, query, range, deleteFlag, totalRecords, hashes } = job;
  const offset = job.segments.at(-1)?.next;
  if (mode === 'backfill' || !query || !range.ceiling || offset === undefined) return undefined;
  return {
    mode,
    ...(range.from && { from: range.from }),
    ceiling: range.ceiling,
    deleteFlag,
    shapeHash: hashes.shape,
    totalRecords,
    query,
    offset,
  };
}

/** The newest rows may have been deleted since: a watermark never moves back. */
function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (!a || !b) return a ?? b;
  return a > b ? a : b;
}

export function warningsOf(job: SyncJob): string[] {
  const { rejected, collisions } = jobCounts(job);
  const warnings: string[] = [];
  if (rejected > 0) warnings.push(`rows rejected: ${rejected}`);
  if (collisions > 0) {
    warnings.push(`live rows that share their key with another live row: ${collisions}`);
  }
  if (job.unknownColumns.length > 0) {
    warnings.push(`columns kept as they came: ${[...job.unknownColumns].sort().join(', ')}`);
  }
  if (job.queryAttempts > 1)
    warnings.push(`the query had to be sent anew: ${job.queryAttempts - 1}`);
  return warnings;
}
