import type { EndedOrRunning } from '../datafabric/compass.js';
import { sameTotals, TOTAL_COLUMNS } from '../datafabric/result-totals.js';
import { isUnparsable } from '../datafabric/rows.js';
import type { SyncJob } from '../models/sync-job.js';
import { bindTable } from './bind-table.js';
import { fetchFirstPage, keepInHand, unproven } from './fetch-page.js';
import { flagOf } from './learn.js';
import { endOfQuery, TOTALS_REFUSALS } from './query.js';
import { lakeKinds, newColumns, newKinds } from './result-columns.js';
import { doneSegment, limitOffset, planSegments } from './segments.js';
import type { FetchedPage, Step, StepResult } from './step.js';
import { flagInRows, switchesView } from './switch-view.js';

type Finished = Extract<EndedOrRunning, { state: 'finished' }>;

/**
 * Submits the query that the run reads, waits for its end, fetches the first page, which states the
 * result totals, and cuts the result into segments.
 */
export async function startReading(step: Step): Promise<StepResult> {
  const { context, session } = step;
  const ended = await endOfQuery(step);
  if (typeof ended === 'string') return ended;

  const listed = ended.columns && flagOf(step.table, ended.columns);
  if (ended.columns && (await switchesView(step, { isListed: listed !== undefined }))) {
    return 'next';
  }
  await bindTable(context, session.job);
  const { job } = session;
  const page = await fetchFirstPage(step, job.startOffset);
  const inRows = ended.columns ? undefined : flagInRows(step, page);
  if (inRows && (await switchesView(step, { isListed: true, inRows }))) return 'next';
  await cutResult(step, ended, page);
  return 'next';
}

/** Saves the result totals, and cuts the result into segments; the page is kept for the reader. */
async function cutResult(step: Step, ended: Finished, page: FetchedPage): Promise<void> {
  const { context, session } = step;
  const { job } = session;
  const offset = job.startOffset;
  const stated = statedBy(job, page, ended.rows);
  // Rows that can't be parsed state nothing, not even totals.
  const isWithout = asksForTotals(job) && !stated && !page.rows.every(isUnparsable);
  // One page without totals may be an error: only a second query without them is a refusal.
  if (isWithout && job.totals && !job.contradictions) throw unproven(job, 'no row states a total');
  const result = {
    stated,
    told: ended.rows,
    ...newColumns(job, ended.columns),
    ...newKinds(step, ended.kinds),
    ...lakeKinds(ended.kinds),
    ...(isWithout && { totals: false, totalsRefused: TOTALS_REFUSALS }),
  };
  if (page.rows.length === 0) {
    await session.save({ ...result, phase: 'proving', segments: [doneSegment(offset)] });
    return;
  }
  const segments = planSegments({
    from: offset,
    counted: Math.ceil(job.totalRecords / (job.split?.ranges.length ?? 1)),
    stated: stated?.rows,
    limit: limitOffset(job),
    size: context.sizes.segment,
  });
  await session.save({ ...result, phase: 'reading', segments });
  keepInHand(step, offset, page);
}

/** @throws AppError LAKE_RESULT_UNPROVEN where the statements about the result disagree */
function statedBy(job: SyncJob, page: FetchedPage, told: number | undefined) {
  const stated = page.stated ?? job.stated;
  if (page.stated && job.stated && !sameTotals(page.stated, job.stated)) {
    throw unproven(job, 'the result states other totals than at its start');
  }
  if (stated && told !== undefined && told !== stated.rows) {
    throw unproven(job, `the result states ${stated.rows} rows, the status of its query ${told}`);
  }
  return stated;
}

/** Whether the query asks for totals; an inherited query of an earlier version does not. */
function asksForTotals({ query }: SyncJob): boolean {
  return query?.sql.includes(TOTAL_COLUMNS.rows) ?? false;
}
