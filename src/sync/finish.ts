import type { mongo } from 'mongoose';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import type { Leftovers, SyncConfig } from '../models/sync-config.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { JobOutcome, RowCounts, SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';
import type { Lease } from './lease.js';
import { jobCounts } from './segments.js';
import { jobStats } from './stats.js';

/** What a run comes to. Pure: the same job gives the same answer however often it is asked. */
export function outcomeOf(job: SyncJob): JobOutcome {
  if (job.error) return 'failed';
  const counts = jobCounts(job);
  if (stoppedAtLimit(job)) return 'partial';
  if (counts.rejected > 0) return 'with_rejects';
  return job.segments.length === 0 ? 'nothing_new' : 'complete';
}

function stoppedAtLimit(job: SyncJob): boolean {
  const last = job.segments.at(-1);
  return last !== undefined && last.end !== null;
}

/**
 * Ends a run in steps that can each be repeated, so that a crash between two of them heals:
 * the job's result, the configuration, the history; only then may the table run again.
 */
export async function finish(context: SyncContext, lease: Lease): Promise<SyncJob> {
  const outcome = outcomeOf(lease.job);
  // The first one to get here sets the end; a repetition keeps it.
  const endTime = lease.job.stats.endTime ?? new Date(context.clock.now());
  const job = await lease.save({
    phase: 'finishing',
    outcome,
    stats: jobStats(lease.job, endTime),
    warnings: warningsOf(lease.job),
  });
  await updateConfig(context, job, endTime);
  await upsertHistory(context, job);
  return lease.end({ status: outcome === 'failed' ? 'failed' : 'completed' });
}

async function updateConfig(context: SyncContext, job: SyncJob, endTime: Date): Promise<void> {
  const configs = native(context.models.configs);
  const jobId = String(job._id);
  const failed = job.outcome === 'failed';
  const facts = {
    lastSyncDate: endTime,
    lastSyncStatus: failed ? 'failed' : 'completed',
    lastSyncJobId: jobId,
  };
  const unapplied = { tableId: job.tableId, lastSyncJobId: { $ne: jobId } };
  const update = { $set: facts, $inc: { failureCount: 1 } };
  if (!failed) {
    const asAtStart = {
      ...unapplied,
      scopeHash: job.hashes.scope,
      watermark: job.watermarkBefore ?? { $exists: false },
    };
    const { set, unset } = progress(job);
    const moved = await withRetry(
      () =>
        configs.updateOne(
          asAtStart as mongo.Filter<SyncConfig>,
          {
            $set: { ...facts, ...set, failureCount: 0 },
            ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((u) => [u, ''])) }),
          } as mongo.UpdateFilter<SyncConfig>,
        ),
      context,
    );
    if (moved.matchedCount > 0) return;
    update.$inc.failureCount = 0;
  }
  // The run failed, or the configuration was changed under it: then its watermark is not taken.
  await withRetry(
    () =>
      configs.updateOne(
        unapplied as mongo.Filter<SyncConfig>,
        update as mongo.UpdateFilter<SyncConfig>,
      ),
    context,
  );
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

async function upsertHistory(context: SyncContext, job: SyncJob): Promise<void> {
  const history = native(context.models.history);
  await withRetry(
    () =>
      history.updateOne(
        { _id: job.historyId },
        { $set: historyOf(job) } as mongo.UpdateFilter<SyncHistory>,
        { upsert: true },
      ),
    context,
  );
}

/** A job as its entry in the history shows it. */
export function historyOf(job: SyncJob): Partial<SyncHistory> {
  const { stats, outcome } = job;
  const ended = outcome && { outcome, status: outcome === 'failed' ? 'failed' : 'completed' };
  return {
    tableId: job.tableId,
    tableName: job.tableName,
    syncJobId: String(job._id),
    status: job.status,
    ...(ended as Partial<SyncHistory> | undefined),
    mode: job.mode,
    startTime: stats.startTime,
    ...(stats.endTime && { endTime: stats.endTime, duration: stats.duration ?? 0 }),
    recordsProcessed: stats.processedRecords,
    recordsInserted: stats.insertedRecords,
    recordsUpdated: stats.updatedRecords,
    recordsUnchanged: stats.unchangedRecords,
    recordsStale: stats.staleRecords,
    recordsError: stats.errorRecords,
    recordsDeleted: stats.deletedRecords,
    ...(job.error && { error: job.error }),
    options: job.options,
    updatedAt: new Date(),
  };
}

function warningsOf(job: SyncJob): string[] {
  const counts: RowCounts = jobCounts(job);
  const warnings: string[] = [];
  if (counts.rejected > 0) warnings.push(`${counts.rejected} rows were rejected`);
  if (counts.collisions > 0) {
    warnings.push(`${counts.collisions} live rows share their key with another live row`);
  }
  if (job.unknownColumns.length > 0) {
    warnings.push(`columns kept as they came: ${job.unknownColumns.join(', ')}`);
  }
  if (job.queryAttempts > 1) warnings.push(`the query was sent ${job.queryAttempts} times`);
  return warnings;
}
