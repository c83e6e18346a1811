import { withoutRun } from '../../src/client/call.js';
import { progressOf } from '../../src/client/progress.js';
import type { Progress } from '../../src/client/public.js';
import { call } from './api.js';
import { href, type Route } from './route.js';
import type { HistoryEntry, Job } from './shapes.js';

/** A run as it is at the moment. */
export interface Run {
  /** Null once it is no longer kept; the history then has its counts. */
  readonly job: Job | null;
  readonly entry: HistoryEntry | null;
  readonly progress: Progress;
}

const FAST_MS = 2_000;
const MEDIUM_MS = 5_000;
const SLOW_MS = 10_000;

/** @param historyId null where only the job's id is known */
export function runHref(historyId: string | null | undefined, jobId: string): string {
  return historyId ? href('run', historyId) : href('run', '', { jobId });
}

/** @throws Failure */
export async function loadRun({ id, query }: Route, signal: AbortSignal): Promise<Run> {
  const named = id ? { historyId: id } : { jobId: query.jobId };
  const answer = await call<{ job: Job | null; history: HistoryEntry | null }>('sync-status', {
    ...{ query: named, signal },
  });
  const { job, history: entry } = answer;
  const progress = progressOf(answer, job?.jobId ?? entry?.syncJobId ?? '');
  if (!progress) throw withoutRun();
  return { job, entry, progress };
}

/** @returns milliseconds until the next look, the longer the run takes; undefined once it has ended */
export function pauseOf({ job, progress }: Run): number | undefined {
  if (progress.ended) return undefined;
  const startedAt = job?.stats.startTime;
  const age = startedAt ? Date.now() - Date.parse(startedAt) : 0;
  const endsSoon = progress.secondsLeft !== null && progress.secondsLeft < 30;
  if (age < 60_000 || endsSoon) return FAST_MS;
  return age < 600_000 ? MEDIUM_MS : SLOW_MS;
}
