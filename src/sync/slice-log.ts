import type { RowCounts } from '../models/row-counts.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';
import { jobCounts } from './segments.js';
import type { Advanced } from './step.js';

interface Slice {
  /** Counts of the rows that this slice has read. */
  readonly counts: () => RowCounts;
  /** @param began to be called with the job once there is work to do on it */
  readonly work: (began: (job: SyncJob) => void) => Promise<Advanced>;
}

/**
 * Logs a line at the start and one at the end of a slice; none if there was nothing to do. The job's
 * and the request's ids come from the surrounding log fields.
 */
export async function logSlice(
  { log, clock }: SyncContext,
  { counts, work }: Slice,
): Promise<Advanced> {
  let started: { readonly at: number; readonly table: string } | undefined;
  const began = ({ tableId: table, phase }: SyncJob) => {
    if (started) return;
    started = { at: clock.now(), table };
    log.info({ table, phase }, 'slice started');
  };
  const measured = (at: number) => ({ counts: counts(), durationMs: clock.now() - at });
  try {
    const advanced = await work(began);
    const { state, job } = advanced;
    if (started) {
      const { at, table } = started;
      const { outcome, phase } = job;
      log.info(
        { table, state, phase, ...(outcome && { outcome }), ...measured(at) },
        'slice ended',
      );
    }
    return advanced;
  } catch (error) {
    if (started) {
      const { at, table } = started;
      log.warn({ table, state: 'failed', err: error, ...measured(at) }, 'slice ended');
    }
    throw error;
  }
}

export function logRunStarted({ log }: Pick<SyncContext, 'log'>, job: SyncJob): void {
  const { _id, historyId, tableId: table, trigger, mode, modeReason, scope } = job;
  const ids = { table, jobId: String(_id), historyId: String(historyId) };
  const what = { trigger, mode, ...(modeReason && { modeReason }), whseids: scope.whseids };
  log.info({ ...ids, ...what }, 'run started');
}

/** @param job after its end was recorded */
export function logRunEnded({ log }: Pick<SyncContext, 'log'>, job: SyncJob): void {
  const { _id, tableId: table, mode, outcome, stats, totalRecords, errorCode, warnings } = job;
  const { startTime, endTime } = stats;
  log.info(
    {
      table,
      jobId: String(_id),
      mode,
      outcome,
      ...(errorCode && { errorCode }),
      totalRecords,
      counts: jobCounts(job),
      warnings: warnings.length,
      ...(endTime && { durationMs: endTime.getTime() - startTime.getTime() }),
    },
    'run ended',
  );
}
