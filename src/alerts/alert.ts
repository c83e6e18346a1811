import type { StoredError } from '../errors/app-error.js';
import { storedError } from '../errors/error-fields.js';
import type { AlertEvent, AlertMessage } from '../models/alert.js';
import { isOlderThan } from '../models/freshness.js';
import type { Certificate } from '../models/reconcile.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { JobStats, SyncJob } from '../models/sync-job.js';
import type { WorkerSigns } from '../store/jobs.js';

/** What an alert says when it is raised. Whom it is about and when comes with its storing. */
export type Notice = Omit<AlertMessage, 'event' | 'at'> & {
  event: AlertEvent;
  /** Sent also while the alert is open, unless it has been sent as urgent already. */
  urgent?: true;
  /** The event has an alert of its own for each. */
  cause?: string;
};

/** What an end, or a check, says about a table's alerts. */
export interface Verdict {
  readonly raise: readonly Notice[];
  /** These are over, if they were open. */
  readonly close: readonly AlertEvent[];
}

/** How the schedule stands to a table after a run. */
export interface Standing {
  /** Why the schedule gives it up with this run. */
  readonly givenUp?: string | undefined;
  /** It was paused before. */
  readonly paused: boolean;
}

/** Only a run of the configuration's own rows shows that the table is well again. */
export function alertsForEndedRun(job: SyncJob, { givenUp, paused }: Standing): Verdict {
  const { tableName, stats, scope } = job;
  const error = storedError(job);
  const failed = error && error.code !== 'SYNC_CANCELED';
  const rejects = rejectsNotice(tableName, stats);
  const ids = idsOf(job);
  const raise: Notice[] = [];
  if (failed) {
    const message = `A run of ${tableName} failed: ${error.message}`;
    raise.push({ event: 'failed', message, ...ids, error });
    if (givenUp !== undefined) raise.push({ ...pausedNotice(tableName, givenUp, error), ...ids });
  }
  if (rejects) raise.push({ ...rejects, ...ids });
  if (error || !scope.own) return { raise, close: [] };
  const close: AlertEvent[] = ['failed'];
  // One whose end could not be recorded at once shows nothing: that may go on.
  if (!job.finishing) close.push('stalled');
  if (!paused) close.push('paused');
  if (!rejects) close.push('rejects');
  return { raise, close };
}

/** Fewer rows say little about a run's share of rejects. */
const MANY_ROWS = 1_000;

export type RejectCounts = Pick<
  JobStats,
  'errorRecords' | 'unreadableRecords' | 'processedRecords'
>;

/** A run that goes on, and of which a large share of the rows has been rejected so far. */
export function ofRejectsSoFar(job: SyncJob, counts: RejectCounts): Verdict {
  const notice = rejectsNotice(job.tableName, counts);
  if (!notice?.urgent || counts.processedRecords < MANY_ROWS) return { raise: [], close: [] };
  const message = `${notice.message.replace(/\.$/, '')}, and the run goes on.`;
  return { raise: [{ ...notice, ...idsOf(job), message }], close: [] };
}

/** From this share of rejected rows on something is wrong with the table, not with some rows. */
const LARGE_SHARE = 0.2;

/** Rows that are rejects, as a whole or for some of their values. */
function rejectsNotice(
  tableName: string,
  { errorRecords, unreadableRecords, processedRecords }: RejectCounts,
): Notice | undefined {
  if (errorRecords + unreadableRecords === 0) return undefined;
  const of = `of ${processedRecords} rows of ${tableName}`;
  const share = errorRecords / processedRecords;
  const urgent = share >= LARGE_SHARE;
  const percent = urgent ? ` (${Math.floor(100 * share)} %)` : '';
  const rejected = `${errorRecords} ${of} were rejected${percent}`;
  const unreadable = `${unreadableRecords} ${of} have values that could not be read`;
  const parts = [
    ...(errorRecords > 0 ? [rejected] : []),
    ...(unreadableRecords > 0 ? [unreadable] : []),
  ];
  const details = { errorRecords, unreadableRecords, processedRecords };
  return { event: 'rejects', message: `${parts.join('; ')}.`, details, ...(urgent && { urgent }) };
}

export interface FailedStart {
  /** Why the schedule gives the table up with it. */
  readonly givenUp?: string | undefined;
  /** It was raised as a refusal. */
  readonly refused?: boolean;
}

/** The schedule could not even start a run. */
export function ofFailedStart(
  tableName: string,
  error: StoredError,
  { givenUp, refused = false }: FailedStart = {},
): Verdict {
  const raise = refused ? [] : [notStarted(tableName, error)];
  if (givenUp !== undefined) raise.push(pausedNotice(tableName, givenUp, error));
  return { raise, close: [] };
}

/** No run can be started until somebody removes the cause: each cause has its own alert. */
export function ofRefusedStart(tableName: string, error: StoredError): Verdict {
  return { raise: [{ ...notStarted(tableName, error), cause: error.code }], close: [] };
}

function notStarted(tableName: string, error: StoredError): Notice {
  const message = `No run of ${tableName} could be started: ${error.message}`;
  return { event: 'failed', message, error };
}

function pausedNotice(tableName: string, reason: string, error: StoredError): Notice {
  return {
    event: 'paused',
    message: `${tableName} is off the schedule until somebody resumes it: ${reason}.`,
    error,
    details: { reason },
  };
}

/** A job as the sweep finds it. */
export type SilentRun = WorkerSigns;

export function ofSilentRun(run: SilentRun): Verdict {
  const { tableName, heartbeat, dispatch } = run;
  const message = `A run of ${tableName} had no worker any more and was taken up again${causeOf(run)}.`;
  const details = { silentSince: heartbeat, ...(dispatch && { dispatch }) };
  return { raise: [{ event: 'stalled', message, ...idsOf(run), details }], close: [] };
}

function causeOf({ dispatch, unclaimed, finishing }: SilentRun): string {
  if (finishing) return `: its end cannot be recorded (${storedError(finishing)?.code})`;
  if (dispatch?.accepted === false) return `: no worker could be started (${dispatch.reason})`;
  return unclaimed ? ': its last order was accepted, but no worker took it up' : '';
}

/** The run is over, and that can't be recorded. */
export function ofUnrecordedEnd(job: SyncJob, error: StoredError): Verdict {
  const { tableName, outcome, finishing } = job;
  const message = `A run of ${tableName} has ended (${outcome}), but its end cannot be recorded: ${error.message}`;
  const details = { failures: finishing?.failures };
  return { raise: [{ event: 'stalled', message, ...idsOf(job), error, details }], close: [] };
}

function idsOf({ _id, historyId }: Pick<SyncJob, '_id' | 'historyId'>) {
  return { jobId: String(_id), historyId: String(historyId) };
}

/** When no pass of the schedule ended. */
export interface Silence {
  readonly from: Date;
  readonly to: Date;
}

export function ofSilence({ from, to }: Silence): Verdict {
  const message = `The schedule was silent from ${from.toISOString()} to ${to.toISOString()}: no pass ended, so due tables were not started.`;
  return {
    raise: [{ event: 'schedule_silent', message, details: { silentSince: from, silentUntil: to } }],
    close: [],
  };
}

export const SCHEDULE_GOES_ON: Verdict = { raise: [], close: ['schedule_silent'] };

/**
 * A table that nothing has reached yet counts from the last change of its configuration: a
 * lake that was empty from the first day is to be noticed too, though not before the first run.
 * @param limitMinutes the setting freshnessLimitMinutes
 */
export function ofFreshness(config: SyncConfig, limitMinutes: number, now: Date): Verdict {
  const { tableName, watermark, updatedAt, lastSyncDate, lastSyncStatus } = config;
  const newest = watermark ?? updatedAt;
  if (!isOlderThan(newest, limitMinutes, now)) {
    return { raise: [], close: ['source_not_fresh'] };
  }
  const message = `No change of ${tableName} has come in since ${newest.toISOString()}; the limit is ${limitMinutes} minutes.`;
  const details = {
    limitMinutes,
    watermark: watermark ?? null,
    lastSyncDate: lastSyncDate ?? null,
    lastSyncStatus: lastSyncStatus ?? null,
  };
  return { raise: [{ event: 'source_not_fresh', message, details }], close: [] };
}

/** What a comparison with the lake has found. */
export function ofCertificate(job: SyncJob, certificate: Certificate): Verdict {
  const { tableName } = job;
  const { remaining, held, verdict, counts } = certificate;
  const raise: Notice[] = [];
  const close: AlertEvent[] = [];
  if (remaining > 0) {
    const message = `${remaining} documents of ${tableName} differ from the lake.`;
    raise.push({ event: 'differences', message, ...idsOf(job), details: { remaining, ...counts } });
  } else if (verdict !== 'unproven') close.push('differences');
  if (held > 0) {
    const message = `${held} documents of ${tableName} have no row in the lake any more; their deletes wait for a confirmation.`;
    raise.push({ event: 'deletes_held', message, ...idsOf(job), details: { held } });
  } else if (verdict !== 'unproven') close.push('deletes_held');
  return { raise, close };
}

const OVER = {
  failed: 'its runs succeed again',
  paused: 'it is back on the schedule',
  stalled: 'its runs come to their ends again',
  rejects: 'all of its rows are stored as a whole again',
  source_not_fresh: 'changes come in again',
  schedule_silent: 'its passes come again',
  differences: 'it equals the lake again',
  deletes_held: 'no deletes wait any more',
} as const satisfies Record<AlertEvent, string>;

/** @param cause why no run could be started, where that was the event */
export function recoveredMessage(tableName: string, from: AlertEvent, cause?: string): string {
  const over = cause === undefined ? OVER[from] : `its runs can be started again (${cause})`;
  return `${tableName} has recovered: ${over}.`;
}
