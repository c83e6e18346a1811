import { AppError } from '../errors/app-error.js';
import type { RunProof } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import { jobColumns } from '../rows/column-counts.js';
import { unproven } from './fetch-page.js';
import { addProofs, proveRange, proveResult, type Verdict } from './proof.js';
import { recheck } from './recheck.js';
import { afterReading } from './reconcile/begin.js';
import { recount } from './recount.js';
import { fromTheBeginning, NO_RESULT, restartContradicted } from './restart-query.js';
import { jobCounts, receivedOf, stoppedAtLimit } from './segments.js';
import type { Step, StepResult } from './step.js';

/**
 * Proves that all rows of a query's result have been read, then continues with the next range of a
 * split run or with the run's end. The watermark can't move before.
 * @throws AppError LAKE_RESULT_UNPROVEN, ALL_ROWS_REJECTED, LAKE_TIMES_WENT_BACK
 */
export async function prove(step: Step): Promise<StepResult> {
  const { session } = step;
  const { job } = session;
  if (await raisesEpoch(step)) return 'next';
  const { partRecounted: counted } = job;
  const result = proveResult({
    received: receivedOf(job),
    stated: job.stated,
    told: job.told,
    limited: stoppedAtLimit(job),
    repeated: hasRepeatedPages(job),
    // An empty result has no row that could state the totals.
    empty: job.totals ? { counted } : undefined,
  });
  if (!('proof' in result)) return settle(step, result);
  const proof = addProofs(job.split?.proof, result.proof);
  if (job.split && job.split.index + 1 < job.split.ranges.length) {
    await session.save({
      ...NO_RESULT,
      split: {
        ...job.split,
        index: job.split.index + 1,
        counts: jobCounts(job),
        columns: jobColumns(job),
        proof,
      },
      queryAttempts: 0,
      phase: 'querying',
    });
    return 'next';
  }
  const { recounted, totalRecords } = job;
  const range = proveRange({ proof, counted: totalRecords, recounted });
  if (!('proof' in range)) return settle(step, range);
  refuseIfAllRejected(job, range.proof);
  await closeUnmet(step, range.proof);
  const checked = await recheck(step);
  if (checked === 'pause') return 'pause';
  const next = await afterReading(step, range.proof);
  await session.save({ ...next, proof: range.proof, twins: checked.twins });
  return 'next';
}

/**
 * Rows of a higher epoch are stored than the configuration has (it was created again since): the
 * run reads everything once more under that epoch.
 */
async function raisesEpoch({ session }: Step): Promise<boolean> {
  const { contested = [], epoch = 0 } = session.job;
  const highest = Math.max(0, ...contested.map((row) => row.epoch ?? 0));
  if (highest <= epoch) return false;
  const again = { ...fromTheBeginning(session.job), contested: [], contestedTwins: [] };
  await session.save({ ...again, epoch: highest, queryAttempts: 0, phase: 'querying' });
  return true;
}

async function settle(
  step: Step,
  verdict: Exclude<Verdict, { proof: unknown }>,
): Promise<StepResult> {
  const { session } = step;
  if ('contradiction' in verdict) {
    if (await restartContradicted(session)) return 'next';
    throw unproven(session.job, verdict.contradiction);
  }
  const part = verdict.need === 'part';
  const recounted = await recount(step, { part });
  if (recounted === undefined) return 'pause';
  const found = part ? { partRecounted: recounted } : { recounted };
  await session.save({ ...found, recountQuery: undefined });
  return 'next';
}

/**
 * Fails a run of which every row was rejected; not for part of a result, whose other rows may be
 * storable.
 * @throws AppError ALL_ROWS_REJECTED
 */
function refuseIfAllRejected(job: SyncJob, { how }: RunProof): void {
  const { carried } = job;
  const counts = jobCounts(job);
  const read = counts.read + (carried?.rows ?? 0);
  const rejected = counts.rejected + (carried?.rejected ?? 0);
  if (how === 'limited' || read === 0 || rejected < read) return;
  throw new AppError('ALL_ROWS_REJECTED', undefined, {
    details: [{ message: `${rejected} of ${read} rows were rejected.` }],
  });
}

/**
 * Closes the rejects of rows without a key that a full run has not read again: since they have no
 * key, no later version can resolve them.
 */
async function closeUnmet({ context, session: { job } }: Step, { how }: RunProof): Promise<void> {
  const readAll = job.mode === 'full' && job.scope.own && !job.carried && job.startOffset === 0;
  if (!readAll || (how !== 'result' && how !== 'count')) return;
  await context.store.rejects.closeUnmet(job.tableId, String(job._id));
}

/** Whether two segments have the same page; within a segment `readSegment` detects that. */
function hasRepeatedPages({ segments }: SyncJob): boolean {
  const pages = segments.flatMap(({ pages }) => pages ?? []);
  return new Set(pages).size < pages.length;
}
