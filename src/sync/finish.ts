import type { mongo } from 'mongoose';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { AppError, toStoredError } from '../errors/app-error.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';
import { afterFailure, afterSuccess } from './failure-policy.js';
import { historyOf } from './history-entry.js';
import type { Lease } from './lease.js';
import { isInitialSync, outcomeOf, progress, statusOf, warningsOf } from './outcome.js';
import { jobStats } from './stats.js';

/**
 * Ends a run in steps that can each be repeated, so that a crash between two of them heals:
 * the job's result, the configuration, the history; only then may the table run again.
 */
export async function finish(context: SyncContext, lease: Lease): Promise<SyncJob> {
  const unproven = !lease.job.error && !lease.job.proof;
  // An earlier version of the backend ended its runs without a proof.
  if (unproven) await lease.save({ error: toStoredError(new AppError('RUN_OUTDATED')) });
  const outcome = outcomeOf(lease.job);
  // The first one to get here sets the end; a repetition keeps it.
  const endTime = lease.job.stats.endTime ?? new Date(lease.now());
  const job = await lease.save({
    phase: 'finishing',
    outcome,
    stats: jobStats(lease.job, endTime),
    warnings: warningsOf(lease.job),
  });
  await updateConfig(context, job, endTime);
  await upsertHistory(context, job);
  const ended = await lease.end({ status: statusOf(outcome) });
  // Not before: a webhook that is slow keeps no table from its next run.
  await context.alerts.deliverNew();
  return ended;
}

async function updateConfig(context: SyncContext, job: SyncJob, endTime: Date): Promise<void> {
  const configs = native(context.models.configs);
  // Of a repeated step the first one counted. And a worker that slept right here may find that
  // others have ended the run, and further ones: then it has nothing more to say.
  const { startTime } = job.stats;
  const unapplied = { tableId: job.tableId, lastRunStartTime: { $not: { $gte: startTime } } };
  const config = await withRetry(
    () => configs.findOne(unapplied as mongo.Filter<SyncConfig>),
    context,
  );
  if (!config) return;
  // The run was of another source, whose table this is not: it says nothing about this one.
  if (job.error?.code === 'SOURCE_CHANGED') return makeDue(configs, job, context);
  const schedule = scheduleAfter(job, config, endTime);
  await context.alerts.runEnded(job, {
    givenUp: schedule.pausedReason,
    paused: config.pausedReason !== undefined,
  });
  const facts = {
    lastSyncDate: endTime,
    lastSyncStatus: statusOf(job.outcome ?? 'failed'),
    lastSyncJobId: String(job._id),
    lastRunStartTime: startTime,
    ...schedule,
  };
  const update = (filter: object, set: object, unset: readonly string[] = []) => {
    const removed = unset.length > 0 && { $unset: Object.fromEntries(unset.map((u) => [u, ''])) };
    const change = { $set: { ...facts, ...set }, ...removed } as mongo.UpdateFilter<SyncConfig>;
    return withRetry(() => configs.updateOne(filter as mongo.Filter<SyncConfig>, change), context);
  };

  if (!job.error) {
    const asAtStart = {
      ...unapplied,
      scopeHash: job.hashes.scope,
      sourceHash: { $in: [job.hashes.source, null] },
      watermark: job.watermarkBefore ?? { $exists: false },
    };
    const { set, unset } = progress(job);
    // Before the facts, which make a repetition of this step do nothing.
    if (isInitialSync(job)) await clearInitialSync(configs, asAtStart, job, context);
    const { matchedCount } = await update(asAtStart, set, unset);
    if (matchedCount > 0) return;
  }
  // The run did not succeed, or the configuration was changed under it: no watermark of it counts.
  await update(unapplied, {});
}

/** Unless it was asked for again after the run had begun. */
async function clearInitialSync(
  configs: mongo.Collection<SyncConfig>,
  asAtStart: object,
  { initialSyncAskedAt }: SyncJob,
  context: SyncContext,
): Promise<void> {
  const filter = { ...asAtStart, initialSyncAskedAt: initialSyncAskedAt ?? null };
  const update = { $set: { initialSync: false } };
  await withRetry(() => configs.updateOne(filter as mongo.Filter<SyncConfig>, update), context);
}

/** For those whose table it is: their run was ended, not failed, and the next one need not wait. */
async function makeDue(
  configs: mongo.Collection<SyncConfig>,
  { tableId, hashes }: SyncJob,
  context: SyncContext,
): Promise<void> {
  const filter = { tableId, sourceHash: hashes.source };
  await withRetry(() => configs.updateOne(filter, { $set: { nextRunAt: new Date(0) } }), context);
}

/** Only runs of the configuration's own scope say something about its schedule. */
function scheduleAfter(
  job: SyncJob,
  config: SyncConfig,
  now: Date,
): ReturnType<typeof afterFailure> {
  if (!job.scope.own || job.outcome === 'canceled') return {};
  // The next run is planned by the new facts: there is nothing to wait for.
  if (job.error?.code === 'RUN_OUTDATED') return { nextRunAt: now };
  if (job.error) return afterFailure(config, job.error.code, now);
  return afterSuccess(config, job.outcome === 'partial' && job.limit.keepRest, now);
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
