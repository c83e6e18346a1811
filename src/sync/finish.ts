import { AppError, toAppError, toStoredError } from '../errors/app-error.js';
import { errorFields, storedError } from '../errors/error-fields.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncJob } from '../models/sync-job.js';
import { BOUNDS, finishPauseMs, isResting } from './bounds.js';
import { driftOf } from './column-drift.js';
import type { SyncContext } from './context.js';
import { afterFailure, afterSuccess } from './failure-policy.js';
import { historyOf } from './history-entry.js';
import type { JobSession } from './job-session.js';
import { isInitialSync, outcomeOf, progress, statusOf, warningsOf } from './outcome.js';
import { logRunEnded } from './slice-log.js';
import { jobStats } from './stats.js';
import type { StepResult } from './step.js';

/**
 * Ends a run or, if that can't be recorded, ends the slice: the job stays as it is, its outcome
 * included, and the next attempt follows after a pause that grows with each failure.
 * @throws SYNC_SUPERSEDED; MONGODB_* where not even the failure can be recorded
 */
export async function finishOrRest(context: SyncContext, session: JobSession): Promise<StepResult> {
  const before = session.job.finishing;
  if (isResting(before, new Date(session.now()))) return 'pause';
  try {
    await finish(context, session);
    return 'next';
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (session.signal.aborted || code === 'SYNC_SUPERSEDED') throw thrown;
    const error = toStoredError(thrown);
    const failures = (before?.failures ?? 0) + 1;
    const nextAt = new Date(session.now() + finishPauseMs(failures));
    const finishing = { failures, nextAt, ...errorFields(thrown) };
    const job = await session.note({ finishing });
    context.log.error({ err: thrown, jobId: String(job._id), failures }, 'end not recorded');
    if (failures >= BOUNDS.finishFailures) await context.alerts.endNotRecorded(job, error);
    return 'pause';
  }
}

/**
 * Ends a run in idempotent steps, so that a crash between two of them does no harm: the job's
 * result, the configuration, the history; only then may the table run again.
 */
async function finish(context: SyncContext, session: JobSession): Promise<SyncJob> {
  const unproven = !session.job.error && !session.job.proof && !session.job.outcome;
  // An earlier version of the backend ended its runs without a proof.
  if (unproven) await session.save(errorFields(new AppError('RUN_OUTDATED')));
  // The first one to get here sets outcome and end; a repetition keeps them.
  const outcome = session.job.outcome ?? outcomeOf(session.job);
  const endTime = session.job.stats.endTime ?? new Date(session.now());
  const job = await session.save({
    phase: 'finishing',
    outcome,
    stats: jobStats(session.job, endTime),
    warnings: warningsOf(session.job),
  });
  await updateConfig(context, job, endTime);
  await context.store.history.recordRun(job.historyId, historyOf(job));
  const ended = await session.end({ status: statusOf(outcome), finishing: undefined });
  logRunEnded(context, ended);
  // Last, so that neither delays the table's next run.
  await context.store.history.countRunsQuietly(job.tableId, context.log);
  await context.alerts.deliverNew();
  return ended;
}

async function updateConfig(context: SyncContext, job: SyncJob, endTime: Date): Promise<void> {
  const { configs } = context.store;
  const config = await configs.findUnapplied(job, endTime);
  if (!config) return;
  // The run read another source than the table's: it says nothing about this table.
  if (storedError(job)?.code === 'SOURCE_CHANGED') {
    // It is no failure of the table, so the next run need not wait.
    return configs.makeDue(job.tableId, job.hashes.source);
  }
  const schedule = scheduleAfter(job, config, endTime);
  await context.alerts.runEnded(job, {
    givenUp: schedule.pausedReason,
    paused: config.pausedReason !== undefined,
  });
  const facts = {
    lastSyncDate: endTime,
    ...(!job.error && { lastSuccessAt: endTime }),
    lastSyncStatus: statusOf(job.outcome ?? 'failed'),
    lastSyncJobId: String(job._id),
    lastRunStartTime: job.stats.startTime,
    ...schedule,
  };

  if (!job.error) {
    if (isInitialSync(job)) await configs.clearInitialSync(job, endTime);
    const { set, unset } = progress(job);
    // Only a run that leaves something to the next one has looked at the table's own object.
    const drift = job.scope.own && job.proof ? driftOf(config, job, endTime) : undefined;
    if (drift) await context.alerts.columnsCompared(job, drift.news);
    const left = { set: { ...set, ...drift?.set }, unset };
    if (await configs.recordSuccess(job, endTime, facts, left)) return;
  }
  // The run did not succeed, or the configuration changed during it: the watermark does not move.
  await configs.recordEnd(job, endTime, facts, { dropsLeftovers: isWithoutUse(job) });
}

/** No row could be stored: leftovers are dropped, and the next run reads the range again. */
function isWithoutUse({ errorCode, scope }: SyncJob): boolean {
  return scope.own && errorCode === 'ALL_ROWS_REJECTED';
}

/** Only runs of the configuration's own scope say something about its schedule. */
function scheduleAfter(
  job: SyncJob,
  config: SyncConfig,
  now: Date,
): ReturnType<typeof afterFailure> {
  if (!job.scope.own || job.outcome === 'canceled') return {};
  const error = storedError(job);
  // The next run is planned with the new facts, so it need not wait.
  if (error?.code === 'RUN_OUTDATED') return { nextRunAt: now };
  if (error) return afterFailure(config, error.code, now);
  return afterSuccess(config, job.outcome === 'partial' && job.limit.keepRest, now);
}
