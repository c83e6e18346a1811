import { errorView } from '../errors/error-fields.js';
import type { Answer, Call } from '../http/endpoint.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from '../sync/context.js';
import { type PassResult, runDue } from '../sync/schedule.js';
import { noStats } from '../sync/stats.js';
import { within } from '../sync/time-box.js';
import { recordChanges } from './audit.js';
import { statsView } from './job-view.js';
import type { Services } from './services.js';

/** A scheduled function ends after 30 s. */
const PASS_MS = 25_000;
/** After the pass, for looking up what has become of its runs. */
const LOOK_MS = 2_000;

/** One pass of the schedule and its answer. */
export async function answerRunDue(call: Call<Services, unknown, unknown>): Promise<Answer> {
  const { sync, sender, clock } = await call.services();
  const end = clock.now() + PASS_MS;
  const context = await within(clock, end, sync());
  const pass = await runDue(context, sender(call.siteUrl, call.idle), end);
  // The platform's cron is nobody.
  if (call.caller && pass.syncedTables.length > 0) {
    const tables = pass.syncedTables.map(({ tableId }) => tableId);
    await recordChanges(call, [{ action: 'schedule.run', target: null, after: { tables } }]);
  }
  const lookEnd = Math.max(end, clock.now()) + LOOK_MS;
  // In parallel, so that a receiver that hangs delays the answer as little as possible.
  const [jobs] = await Promise.all([
    jobsOf(context, pass, lookEnd),
    pass.isGood ? beat(context, lookEnd) : undefined,
  ]);
  const timestamp = new Date(clock.now());
  const started = pass.syncedTables.length;
  const tables = started === 1 ? '1 table' : `${started} tables`;
  const failed = failedRuns(pass, jobs);
  const ofThose = failed.length > 0 ? `, ${failed.length} of them failed` : '';
  return {
    body: {
      message: `${tables} started, ${pass.errors.length} failed to start${ofThose}`,
      timestamp,
      syncedTables: pass.syncedTables.map((run) => ({
        ...run,
        stats: statsOf(jobs.get(run.jobId), timestamp),
      })),
      errors: [...pass.errors.map((one) => ({ ...one, error: one.message })), ...failed],
    },
  };
}

/** The longest that a receiver of heartbeats delays the answer, in milliseconds. */
const BEAT_MS = 4_000;

/** Never throws: what becomes of a heartbeat is no matter of the pass. */
async function beat({ alerts, clock, log }: SyncContext, lookEnd: number): Promise<void> {
  const deadline = Math.min(lookEnd, clock.now() + BEAT_MS);
  await within(clock, deadline, alerts.heartbeat(deadline)).catch((error) =>
    log.warn({ err: error }, 'heartbeat not sent in time'),
  );
}

type Jobs = ReadonlyMap<string, SyncJob>;

/** As they stand after the pass; none where MongoDB doesn't say in time. */
async function jobsOf(
  context: SyncContext,
  { syncedTables }: PassResult,
  deadline: number,
): Promise<Jobs> {
  const ids = syncedTables.map(({ jobId }) => jobId);
  const found = context.store.within({ deadline }).jobs.findMany(ids);
  const jobs = await within(context.clock, deadline, found).catch((error) => {
    context.log.warn({ err: error }, 'the runs of the pass could not be looked up');
    return [];
  });
  return new Map(jobs.map((job) => [String(job._id), job]));
}

function statsOf(job: SyncJob | undefined, now: Date) {
  return job ? statsView(job) : { ...noStats(now), status: 'in_progress' };
}

/** Runs that the pass has started or taken up, and that have failed within it. */
function failedRuns({ syncedTables }: PassResult, jobs: Jobs) {
  return syncedTables.flatMap(({ how: _, ...run }) => {
    const failure = errorView(jobs.get(run.jobId) ?? {});
    if (!failure) return [];
    const { error, errorCode, errorDetails = [] } = failure;
    return [{ ...run, error, code: errorCode, message: error, details: errorDetails }];
  });
}
