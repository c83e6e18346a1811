import { dataQuery } from '../datafabric/query-builder.js';
import { sameTotals, TOTAL_COLUMNS } from '../datafabric/result-totals.js';
import { isUnparsable } from '../datafabric/rows.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import { shapeHash } from '../rows/shape-hash.js';
import type { JobUpdate } from '../store/job-leases.js';
import { type ListedKind, mergeListed } from '../tables/column-kinds.js';
import { MODIFIED_COLUMN } from '../tables/lake-columns.js';
import { bindTable } from './bind-table.js';
import { fetchPage, keepInHand, unproven } from './fetch-page.js';
import type { JobSession } from './job-session.js';
import { finished, isRefusal, rangeOf, sourceOf, submit } from './lake-query.js';
import { flagOf } from './learn.js';
import { doneSegment, limitOffset, planSegments } from './segments.js';
import type { FetchedPage, Step, StepResult } from './step.js';

/** A result that is gone is asked for again this often; then the run fails. */
const MAX_QUERIES = 4;
/** What our statements add to the object's columns. */
const OWN_COLUMNS = [MODIFIED_COLUMN, ...Object.values(TOTAL_COLUMNS)];
/** So often a query that states totals must fail before its form is what the lake refuses. */
const REFUSALS = 2;

/** What is known of a query's result, and of what was read of it. */
export const NO_RESULT = {
  query: undefined,
  partRecounted: undefined,
  segments: [],
  startOffset: 0,
  inherited: undefined,
  carried: undefined,
  stated: undefined,
  told: undefined,
} as const satisfies JobUpdate;

/**
 * Sends the one query that the run reads, waits for its end, fetches the first page, which
 * states the result's totals, and cuts the result into segments.
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
  const offset = job.startOffset;
  const page = await firstPage(step, offset);
  const inRows = ended.columns ? undefined : flagInRows(step, page);
  if (inRows && (await switchesView(step, { isListed: true, inRows }))) return 'next';
  const stated = statedBy(job, page, ended.rows);
  // A row that is no JSON says nothing, of totals either.
  const isWithout = asksForTotals(job) && !stated && !page.rows.every(isUnparsable);
  // A page may have lost them on its way: only a second query without them is a refusal.
  if (isWithout && job.totals && !job.contradictions) throw unproven(job, 'no row states a total');
  const result = {
    stated,
    told: ended.rows,
    ...newColumns(job, ended.columns),
    ...newKinds(step, ended.kinds),
    ...(isWithout && { totals: false, totalsRefused: REFUSALS }),
  };
  if (page.rows.length === 0) {
    await session.save({ ...result, phase: 'proving', segments: [doneSegment(offset)] });
    return 'next';
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
  return 'next';
}

/**
 * Waits for the run's query, and sends it first if need be; without totals once the lake has
 * refused to state them.
 */
async function endOfQuery(step: Step) {
  const { session } = step;
  try {
    const query = session.job.query ?? (await submitQuery(step));
    if (session.job.inherited) return await endOfInherited(step, query);
    return (await finished(step, query)) ?? 'pause';
  } catch (thrown) {
    const { code } = toAppError(thrown);
    const { totals, totalsRefused = 0, inherited } = session.job;
    if (!totals || inherited || !isRefusal(code)) throw thrown;
    const refused = totalsRefused + 1;
    await session.save({
      query: undefined,
      queryAttempts: 0,
      totalsRefused: refused,
      totals: refused < REFUSALS,
    });
    return 'next';
  }
}

/** It had ended before: a lake that says anything else has no use for the query any more. */
async function endOfInherited({ context, session, deadline }: Step, query: LakeQuery) {
  const limits = { deadline, signal: session.signal };
  const status = await context.lake.compass.status(query.id, limits);
  if (status.state === 'finished') return status;
  throw new AppError('LAKE_RESULT_LOST', undefined, {
    details: [{ message: `the query of the run before is ${status.state}`, queryId: query.id }],
  });
}

async function submitQuery(step: Step): Promise<LakeQuery> {
  const { job } = step.session;
  const { filter, range } = rangeOf(job);
  const part = job.split?.ranges[job.split.index];
  const { totals = false } = job;
  const sql = dataQuery(sourceOf(job, step.table), filter, { ...range, ...part }, { totals });
  return submit(step, 'query', sql, { queryAttempts: job.queryAttempts + 1 });
}

/** Never more than the first segment has. */
function firstPage(step: Step, offset: number): Promise<FetchedPage> {
  const { batchSize, limit } = step.session.job;
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
 * Looks at the object again where the result's columns are not what it is known for, once a run:
 * deleted rows that can't be told from live ones must not be read, and where they can, they must be.
 */
async function switchesView(
  step: Step,
  { isListed, inRows }: { isListed: boolean; inRows?: string },
): Promise<boolean> {
  const { session } = step;
  const { job } = session;
  if (job.switched || job.deleteFlag === isListed) return false;
  if (isListed && job.lakeObject && job.lakeObject.deletes !== 'not_told') return false;
  // Rows may carry what a list has left out; and what this run has asked for itself is so.
  if (!isListed && (job.hasLearned || (await rowsCarryFlag(step)))) return false;
  await session.save({
    ...NO_RESULT,
    queryAttempts: 0,
    countQuery: undefined,
    split: undefined,
    // Counted in the other view, the newest row of which may be another one.
    'range.ceiling': undefined,
    switched: true,
    phase: 'learning',
    ...(inRows && { learned: { inRows: true, flagColumn: inRows } }),
  });
  return true;
}

async function rowsCarryFlag(step: Step): Promise<boolean> {
  const { startOffset } = step.session.job;
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

/**
 * Columns that the result shows and that were not known. One that it leaves out may come back
 * with the next answer; only learning forgets a column.
 */
function newColumns({ lakeObject }: SyncJob, listed: readonly string[] = []): JobUpdate {
  if (!lakeObject) return {};
  const known = new Set([...lakeObject.columns, ...OWN_COLUMNS].map((name) => name.toUpperCase()));
  const others = listed.filter((name) => !known.has(name.toUpperCase()));
  return others.length > 0 ? { 'lakeObject.columns': [...lakeObject.columns, ...others] } : {};
}

/**
 * What the list says of columns that only it knows. A run that reads everything gives all rows the
 * kinds that it finds at its start; any other run leaves that to the next one, which is a full one
 * then, since the shape that is on record is not that of these kinds.
 */
function newKinds({ session, table }: Step, kinds: readonly ListedKind[] = []): JobUpdate {
  const { job } = session;
  const own = new Set(OWN_COLUMNS);
  const others = kinds.filter(({ column }) => !own.has(column) && !table.columns[column]);
  const listedKinds = mergeListed(job.listedKinds, others);
  if (listedKinds.length === 0) return {};
  const isStart = job.mode === 'full' && job.startOffset === 0 && !job.split?.index;
  if (!isStart) return { listedKinds };
  const sources = { configured: job.configuredKinds, listed: listedKinds };
  return { listedKinds, shapedBy: listedKinds, 'hashes.shape': shapeHash(table, sources) };
}

/**
 * The result is no longer there: the query is sent again, and everything that counted its
 * rows starts at zero. What was written already will be found unchanged.
 * @returns false where that has been tried often enough
 */
export async function restartQuery(session: JobSession): Promise<boolean> {
  const { job } = session;
  if (job.queryAttempts >= MAX_QUERIES) return false;
  const queryAttempts = job.queryAttempts + 1;
  switch (job.phase) {
    case 'learning':
      await session.save({ probeQuery: undefined, queryAttempts });
      return true;
    case 'counting':
      await session.save({ countQuery: undefined, queryAttempts });
      return true;
    case 'proving':
      await session.save({ probeQuery: undefined, recountQuery: undefined, queryAttempts });
      return true;
    default:
      await session.save({ ...fromTheBeginning(job), phase: 'querying' });
      return true;
  }
}

/** What a lake may say of a query by mistake, and of the next one not. */
const DOUBTED: readonly ErrorCode[] = ['LAKE_QUERY_CANCELED', 'LAKE_REFUSED', 'LAKE_BAD_ANSWER'];

/**
 * A query that somebody else has ended, or whose answer was refused or can't be read, is sent
 * again once a run.
 * @returns false where that has been tried, or the failure is another one
 */
export async function restartDoubted(session: JobSession, { code }: AppError): Promise<boolean> {
  if (session.job.doubted || !DOUBTED.includes(code)) return false;
  await session.save({ doubted: true });
  return restartQuery(session);
}

/**
 * The lake's statements about the result contradict each other, or what came of it. A new count and
 * a new query settle that once.
 * @returns false where it didn't
 */
export async function restartContradicted(session: JobSession): Promise<boolean> {
  const { job } = session;
  const contradictions = (job.contradictions ?? 0) + 1;
  if (contradictions > 1) return false;
  await session.save({
    ...fromTheBeginning(job),
    contradictions,
    queryAttempts: 0,
    // In a busy table the count from before the first query says little about the second one.
    countQuery: undefined,
    recountQuery: undefined,
    recounted: undefined,
    split: undefined,
    phase: 'counting',
  });
  return true;
}

export function fromTheBeginning({ limit, startOffset }: SyncJob): JobUpdate {
  // Rows that an earlier run had read don't count against the limit a second time.
  const rows = limit.rows > 0 ? limit.rows + startOffset : 0;
  return { ...NO_RESULT, 'limit.rows': rows };
}
