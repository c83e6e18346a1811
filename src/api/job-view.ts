import { type ErrorView, errorView } from '../errors/error-fields.js';
import { durationMsOf, durationView, isJobInSeconds } from '../models/duration.js';
import {
  entryDurationMs,
  jobCountsOf,
  presentEntry,
  withoutNulls,
} from '../models/earlier-record.js';
import type { Reconcile } from '../models/reconcile.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { LEASE_MS } from '../sync/context.js';
import { jobProgress } from '../sync/job-progress.js';
import { jobStats } from '../sync/stats.js';

type Fields = Record<string, unknown>;

/** A job as the answers show it; while it runs its counts are those of the pages saved so far. */
export function jobView(job: SyncJob, now: number): Fields {
  const { _id, historyId, segments, stats: _s, ...stored } = withoutNulls(job);
  // Mongoose leaves out an object without fields.
  const shown = { ...stored, options: job.options ?? {} };
  const { lease: _l, workers: _w, follows: _f, unclaimed: _u, reconcile, ...rest } = shown;
  return {
    _id: String(_id),
    jobId: String(_id),
    ...(historyId && { historyId: String(historyId) }),
    ...withError(rest),
    ...(rest.finishing && { finishing: withError(rest.finishing) }),
    ...(reconcile && { reconcile: reconcileView(reconcile) }),
    ...(segments && { segments: segments.map(({ lease: _, ...segment }) => segment) }),
    stats: statsView(job),
    ...(job.phase && { progress: jobProgress(job, now, LEASE_MS) }),
  };
}

/** What a run is to compare and has found, without how far it is in the lake's answers. */
function reconcileView(reconcile: Reconcile): Fields {
  const shown = SHOWN_OF_RECONCILE.map((name) => [name, reconcile[name]] as const);
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

export const SHOWN_OF_RECONCILE = [
  'repair',
  'deep',
  'confirms',
  'asOf',
  'counts',
  'repaired',
  'exceptions',
  'result',
  'cost',
] as const satisfies readonly (keyof Reconcile)[];

/**
 * A job's counts, with its status and error among them. `duration` is seconds, `durationMs`
 * milliseconds; both and `endTime` are left out while it runs.
 */
export function statsView(job: SyncJob): Fields {
  const { stats } = job;
  const counts = job.phase && !stats.endTime ? jobStats(job) : { ...stats, ...jobCountsOf(stats) };
  const { duration: _, durationUnit: _u, ...shown } = withError(withoutNulls(counts));
  const failure = errorView(job);
  return {
    ...shown,
    ...durationView(durationMsOf(counts, isJobInSeconds(job, counts))),
    status: job.status,
    ...(failure && { error: failure.error }),
  };
}

export function historyView(entry: SyncHistory): Fields {
  const { _id, ...rest } = withError(presentEntry(entry));
  const { duration: _, durationUnit: _u, tally: _t, ...shown } = rest;
  return {
    _id: String(_id),
    ...shown,
    ...durationView(entryDurationMs(entry)),
  };
}

/** The record with its error as a text, whatever it was recorded as, or without any. */
function withError(record: Fields | object): Fields & Partial<ErrorView> {
  const { error: _e, errorCode: _c, errorDetails: _d, ...rest } = record as Fields;
  return { ...rest, ...errorView(record) };
}
