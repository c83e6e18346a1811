import { errorView } from '../errors/error-fields.js';
import { countOf, entryDurationMs, presentEntry } from '../models/earlier-record.js';
import type { ProofKind } from '../models/reading.js';
import {
  JOB_PHASES,
  type JobOutcome,
  type JobStatus,
  type SyncJob,
  type SyncMode,
} from '../models/sync-job.js';
import type { JudgedRun } from '../models/table-verdict.js';
import type { RunGlance } from '../store/history.js';
import { LEASE_MS } from '../sync/context.js';
import { jobProgress } from '../sync/job-progress.js';
import { sameScope } from '../sync/scope.js';
import { jobCounts } from '../sync/segments.js';
import { type Warehouses, warehouseList } from '../tables/warehouses.js';
import type { RunningView, RunView } from './overview-view.js';

const STATUSES: readonly JobStatus[] = ['pending', 'in_progress', 'completed', 'failed'];
const OUTCOMES: readonly JobOutcome[] = [
  'complete',
  'nothing_new',
  'with_rejects',
  'partial',
  'canceled',
  'failed',
];
const MODES: readonly SyncMode[] = ['incremental', 'full', 'backfill'];
const PROOFS: readonly ProofKind[] = [
  'result',
  'count',
  'bounded',
  'limited',
  'empty',
  'unchanged',
];

/** The value if it is one of these: another version may have stored any other. */
function oneOf<T extends string>(values: readonly T[], value: unknown): T | null {
  return values.find((one) => one === value) ?? null;
}

/** A run as the overview shows it. */
export function runView(stored: RunGlance): RunView {
  const entry = presentEntry(stored);
  return {
    historyId: String(entry._id),
    jobId: entry.syncJobId,
    status: oneOf(STATUSES, entry.status) ?? 'failed',
    outcome: oneOf(OUTCOMES, entry.outcome),
    mode: oneOf(MODES, entry.mode),
    reconcile: entry.options.mode === 'reconcile',
    startTime: entry.startTime,
    endTime: entry.endTime ?? null,
    durationMs: entryDurationMs(stored) ?? null,
    rows: Math.max(0, countOf(entry.recordsProcessed)),
    rejected: Math.max(0, countOf(entry.recordsError)),
    refused: Boolean(entry.refusal),
  };
}

/**
 * A run as the verdict looks at it.
 * @param configured the configured warehouses; undefined: all
 */
export function judgedRun(stored: RunGlance, configured: readonly string[] | undefined): JudgedRun {
  const { historyId, status, outcome, mode, startTime, endTime, refused } = runView(stored);
  const { error, errorCode } = errorView(stored) ?? {};
  const asked = warehousesOf(stored.options?.whseid);
  return {
    ...{ historyId, status, outcome, startTime, endTime, refused },
    how: oneOf(PROOFS, stored.proof?.how),
    own: mode !== 'backfill' && (asked === undefined || sameScope(configured, asked)),
    ...(error !== undefined && { error }),
    ...(errorCode !== undefined && { errorCode }),
  };
}

/** The warehouses that a stored request or configuration names; undefined: none, so all of them. */
export function warehousesOf(given: unknown): readonly string[] | undefined {
  const isList = Array.isArray(given) && given.every((one) => typeof one === 'string');
  return typeof given === 'string' || isList ? warehouseList(given as Warehouses) : undefined;
}

/** The active run, as far as its pages are saved. @param now epoch milliseconds */
export function runningView(job: SyncJob, now: number): RunningView {
  const progress = job.phase ? jobProgress(job, now, LEASE_MS) : undefined;
  const isCounted = progress !== undefined && progress.percent !== null;
  return {
    jobId: String(job._id),
    historyId: job.historyId ? String(job.historyId) : null,
    phase: oneOf(JOB_PHASES, job.phase),
    mode: oneOf(MODES, job.mode),
    reconcile: job.reconcile !== undefined,
    startTime: job.stats.startTime,
    rowsRead: progress ? jobCounts(job).read : 0,
    rowsTotal: isCounted ? rowsOf(job) : null,
    percent: progress?.percent ?? null,
    secondsLeft: progress?.secondsLeft ?? null,
    waitingFor: progress?.waitingFor ?? null,
    stalled: progress?.stalled ?? false,
  };
}

function rowsOf({ limit, totalRecords }: SyncJob): number {
  return limit.rows > 0 ? Math.min(limit.rows, totalRecords) : totalRecords;
}
