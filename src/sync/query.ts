import { dataQuery } from '../datafabric/query-builder.js';
import { sameTotals, TOTAL_COLUMNS } from '../datafabric/result-totals.js';
import { isUnparsable } from '../datafabric/rows.js';
import { toAppError } from '../errors/app-error.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import { bindTable } from './bind-table.js';
import type { Step, StepResult } from './context.js';
import { type FetchedPage, fetchPage, keepInHand, unproven } from './fetch-page.js';
import { finished, rangeOf, sourceOf, submit } from './lake-query.js';
import { flagOf } from './learn.js';
import type { Lease } from './lease.js';
import type { JobUpdate } from './lease-store.js';
import { doneSegment, limitOffset, noRows, planSegments } from './segments.js';

/** A result that is gone is asked for again this often; then the run fails. */
const MAX_QUERIES = 4;
/** So often a query that states totals must fail before its form is what the lake refuses. */
const REFUSALS = 2;

/** What is known of a query's result, and of what was read of it. */
export const NO_RESULT = {
  query: undefined,
  segments: [],
  startOffset: 0,
  carried: undefined,
  stated: undefined,
  told: undefined,
} as const satisfies JobUpdate;

/**
 * Sends the one query that the run reads, waits for its end, fetches the first page, which
 * states the result's totals, and cuts the result into segments.
 */
export async function startReading(step: Step): Promise<StepResult> {
  const { context, lease } = step;
  const ended = await endOfQuery(step);
  if (typeof ended === 'string') return ended;

  const listed = ended.columns && flagOf(step.table, ended.columns);
  if (ended.columns && (await switchesView(step, { isListed: listed !== undefined }))) {
    return 'next';
  }
  await bindTable(context, lease.job);
  const { job } = lease;
  const offset = job.startOffset;
  const page = await firstPage(step, offset);
  const inRows = ended.columns ? undefined : flagInRows(step, page);
  if (inRows && (await switchesView(step, { isListed: true, inRows }))) return 'next';
  const stated = statedBy(job, page, ended.rows);
  const result = {
    stated,
    told: ended.rows,
    ...(ended.columns && job.lakeObject && { 'lakeObject.columns': ownColumns(ended.columns) }),
    // A lake that takes the form and leaves the totals out has refused it, too.
    ...(asksForTotals(job) &&
      !stated &&
      !page.rows.every(isUnparsable) && { totals: false, totalsRefused: REFUSALS }),
  };
  if (page.rows.length === 0) {
    await lease.save({ ...result, phase: 'proving', segments: [doneSegment(offset)] });
    return 'next';
  }
  const segments = planSegments({
    from: offset,
    counted: Math.ceil(job.totalRecords / (job.split?.ranges.length ?? 1)),
    stated: stated?.rows,
    limit: limitOffset(job),
    size: context.sizes.segment,
  });
  await lease.save({ ...result, phase: 'reading', segments });
  keepInHand(step, offset, page);
  return 'next';
}

/**
 * Waits for the run's query, and sends it first if need be; without totals once the lake has
 * refused to state them.
 */
async function endOfQuery(step: Step) {
  const { lease } = step;
  try {
    const query = lease.job.query ?? (await submitQuery(step));
    return (await finished(step, query)) ?? 'pause';
  } catch (thrown) {
    const { code } = toAppError(thrown);
    const { totals, totalsRefused = 0 } = lease.job;
    const isRefusal = code === 'LAKE_QUERY_FAILED' || code === 'LAKE_REFUSED';
    if (!totals || !isRefusal) throw thrown;
    const refused = totalsRefused + 1;
    await lease.save({
      query: undefined,
      queryAttempts: 0,
      totalsRefused: refused,
      totals: refused < REFUSALS,
    });
    return 'next';
  }
}

async function submitQuery(step: Step): Promise<LakeQuery> {
  const { job } = step.lease;
  const { filter, range } = rangeOf(job);
  const part = job.split?.ranges[job.split.index];
  const { totals = false } = job;
  const sql = dataQuery(sourceOf(job, step.table), filter, { ...range, ...part }, { totals });
  return submit(step, 'query', sql, { queryAttempts: job.queryAttempts + 1 });
}

/** Never more than the first segment has. */
function firstPage(step: Step, offset: number): Promise<FetchedPage> {
  const { batchSize, limit } = step.lease.job;
  const limits = [batchSize, step.context.sizes.segment, ...(limit.rows > 0 ? [limit.rows] : [])];
  return fetchPage(step, offset, Math.min(...limits));
}

/** @throws AppError LAKE_RESULT_UNPROVEN where the statements about the result disagree */
function statedBy(job: SyncJob, page: FetchedPage, told: number | undefined) {
  const stated = page.stated ?? job.stated;
  if (page.stated && job.stated && !sameTotals(page.stated, job.stated)) {
    throw unproven(job, 'the result states other totals than when it was begun');
  }
  if (stated && told !== undefined && told !== stated.rows) {
    throw unproven(job, `the result states ${stated.rows} rows, the status of its query ${told}`);
  }
  return stated;
}

/**
 * Begins again under the other view where the result's columns ask for it, once a run: deleted
 * rows that can't be told from live ones must not be read, and where they can, they must be.
 */
async function switchesView(
  step: Step,
  { isListed, inRows }: { isListed: boolean; inRows?: string },
): Promise<boolean> {
  const { lease } = step;
  const { job } = lease;
  if (job.switched || job.deleteFlag === isListed) return false;
  if (isListed && job.lakeObject && job.lakeObject.deletes !== 'not_told') return false;
  // Rows may carry what a list has left out.
  if (!isListed && (await rowsCarryFlag(step))) return false;
  await lease.save({
    ...NO_RESULT,
    queryAttempts: 0,
    countQuery: undefined,
    split: undefined,
    // Counted in the other view, the newest row of which may be another one.
    'range.ceiling': undefined,
    switched: true,
    ...(isListed
      ? { phase: 'learning', ...(inRows && { learned: { inRows: true, flagColumn: inRows } }) }
      : { phase: 'counting', deleteFlag: false, ...withoutFlag(job) }),
  });
  return true;
}

function withoutFlag({ lakeObject }: SyncJob): JobUpdate {
  return lakeObject ? { lakeObject: { ...lakeObject, deletes: 'not_told' } } : {};
}

async function rowsCarryFlag(step: Step): Promise<boolean> {
  const { startOffset } = step.lease.job;
  const page = await firstPage(step, startOffset);
  keepInHand(step, startOffset, page);
  return flagInRows(step, page) !== undefined;
}

function flagInRows({ table }: Step, { rows }: FetchedPage): string | undefined {
  return flagOf(table, rows.flatMap(Object.keys));
}

/** Not the query of an earlier version, whose rest a run goes on with. */
function asksForTotals({ query }: SyncJob): boolean {
  return query?.sql.includes(TOTAL_COLUMNS.rows) ?? false;
}

/** Columns of the object: not those that our statements add. */
function ownColumns(columns: readonly string[]): string[] {
  return columns.filter((name) => !name.toUpperCase().startsWith('LAKE_'));
}

/**
 * The result is no longer there: the query is sent again, and everything that counted its
 * rows starts at zero. What was written already will be found unchanged.
 * @returns false where that has been tried often enough
 */
export async function restartQuery(lease: Lease): Promise<boolean> {
  const { job } = lease;
  if (job.queryAttempts >= MAX_QUERIES) return false;
  const queryAttempts = job.queryAttempts + 1;
  switch (job.phase) {
    case 'learning':
      await lease.save({ probeQuery: undefined, queryAttempts });
      return true;
    case 'counting':
      await lease.save({ countQuery: undefined, queryAttempts });
      return true;
    case 'proving':
      await lease.save({ probeQuery: undefined, recountQuery: undefined, queryAttempts });
      return true;
    default:
      await lease.save({ ...fromTheBeginning(job), phase: 'querying' });
      return true;
  }
}

/**
 * The lake's statements about the result contradict each other, or what came of it. A new query
 * settles that once.
 * @returns false where it didn't
 */
export async function restartContradicted(lease: Lease): Promise<boolean> {
  const { job } = lease;
  const contradictions = (job.contradictions ?? 0) + 1;
  if (contradictions > 1) return false;
  await lease.save({
    ...fromTheBeginning(job),
    contradictions,
    queryAttempts: 0,
    recountQuery: undefined,
    recounted: undefined,
    // What all ranges came to is compared with the count at the end of the last one.
    ...(job.split && { split: { ranges: job.split.ranges, index: 0, counts: noRows() } }),
    phase: 'querying',
  });
  return true;
}

function fromTheBeginning({ limit, startOffset }: SyncJob): JobUpdate {
  // Rows that an earlier run had read don't count against the limit a second time.
  const rows = limit.rows > 0 ? limit.rows + startOffset : 0;
  return { ...NO_RESULT, 'limit.rows': rows };
}
