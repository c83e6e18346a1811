import { countQuery } from '../datafabric/query-builder.js';
import type { Row } from '../datafabric/rows.js';
import { splitBySerial } from '../datafabric/serial-split.js';
import { listsGroups, MOST_WAREHOUSES, windowCountQuery } from '../datafabric/window-query.js';
import { toAppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { RunProof, Split } from '../models/reading.js';
import { noRows } from '../models/row-counts.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';
import { badCount, type Counted, countedBy } from './count-answer.js';
import { type CountedGroups, countedGroups } from './counted-groups.js';
import { finished, onlyRow, submit } from './lake-query.js';
import { isSettled, isUnchanged, windowAhead } from './lookback-window.js';
import { rangeOf, sourceOf } from './query-scope.js';
import { afterReading } from './reconcile/begin.js';
import { isDoubted } from './restart-query.js';
import { isStatementRefusal } from './statement-refusal.js';
import type { Step, StepResult } from './step.js';

/**
 * Counts the rows of the run's scope and freezes its ceiling: the newest index time among
 * them. If there is no row, or all of them are in MongoDB, the run has nothing to read.
 */
export async function count(step: Step): Promise<StepResult> {
  const { context, session, table } = step;
  const counted = await countRows(step);
  if (typeof counted === 'string') return counted;

  const { rows, maxModified, serials, emptyWarehouses, groups } = counted;
  if (hasNewcomer(session.job, emptyWarehouses)) {
    // Some of the new warehouse's rows may be older than the range of this run.
    const modeReason = 'first_rows_of_warehouse';
    await session.save({
      mode: 'full',
      modeReason,
      range: {},
      phase: 'learning',
      countQuery: undefined,
      window: undefined,
    });
    return 'next';
  }
  if (rows === 0) return endWithoutReading(step, counted, 'empty');
  const isKnown = groups && isSettled(session.job) && isUnchanged(session.job, groups);
  if (isKnown && !(await hasOpenReject(step))) {
    return endWithoutReading(step, counted, 'unchanged');
  }
  if (maxModified === undefined) {
    throw badCount(`${table.object}: the lake counted ${rows} rows, but stated no index time`);
  }
  const { job } = session;
  const range = { ...job.range, ceiling: maxModified };
  await session.save({
    phase: 'querying',
    ...(job.window && { 'window.ahead': groups && windowAhead({ ...job, range }, groups) }),
    totalRecords: rows,
    emptyWarehouses,
    'range.ceiling': maxModified,
    split: splitOf(session.job, rows, serials, context.sizes.query),
  });
  return 'next';
}

async function endWithoutReading(
  step: Step,
  { rows, maxModified, emptyWarehouses }: Counted,
  how: 'empty' | 'unchanged',
): Promise<StepResult> {
  const proof: RunProof = { how, read: 0, counted: rows };
  const next = await afterReading(step, proof);
  const ceiling = step.session.job.reconcile && maxModified;
  await step.session.save({
    ...next,
    ...(ceiling && { 'reconcile.ceiling': ceiling }),
    totalRecords: 0,
    emptyWarehouses,
    proof,
  });
  return 'next';
}

/** With an open reject the window is read again: the rejected row may be in it. */
function hasOpenReject({ context, session }: Step): Promise<boolean> {
  return context.store.rejects.hasOpen(session.job.tableId);
}

/** A count may fail because its statement names a column that the object does not have (any more). */
async function countRows(step: Step): Promise<(Counted & CountedGroups) | StepResult> {
  const { session } = step;
  try {
    const query = session.job.countQuery ?? (await submitCount(step));
    if (!(await finished(step, query))) return 'pause';
    if (!listsGroups(query.sql)) return countedOf(step, await onlyRow(step, query.id));
    const { first, groups } = await countedGroups(step, query.id);
    return { ...countedOf(step, first), groups };
  } catch (thrown) {
    const { code } = toAppError(thrown);
    const { lakeObject, hasLearned, withoutSerialKey, window } = session.job;
    if (mayRefuseGroups(session.job, code)) {
      await session.save({ 'window.refused': true, countQuery: undefined });
      return 'next';
    }
    if (code !== 'LAKE_QUERY_FAILED') throw thrown;
    // It was not the groups that the lake refused.
    const again = { countQuery: undefined, ...(window && { 'window.refused': undefined }) };
    if (lakeObject && !hasLearned) await session.save({ ...again, phase: 'learning' });
    else if (!lakeObject && !withoutSerialKey) {
      await session.save({ ...again, withoutSerialKey: true });
    } else throw thrown;
    return 'next';
  }
}

function countedOf({ session }: Step, row: Row): Counted {
  return countedBy(row, warehousesToLookFor(session.job));
}

/** Whether to send the count without groups; a refusal that may be an error is retried first. */
function mayRefuseGroups({ window, countQuery, doubted }: SyncJob, code: ErrorCode): boolean {
  if (!isStatementRefusal(code)) return false;
  if (!window || window.refused) return false;
  // A query that was refused on submission is not in the job.
  if (countQuery && !listsGroups(countQuery.sql)) return false;
  return doubted === true || !isDoubted(code);
}

/** MongoDB's time is read first, so that rows indexed during the count are above the watermark. */
async function submitCount(step: Step): Promise<LakeQuery> {
  const { context, session, table } = step;
  const { now: asOf } = await context.store.jobs.findWithTime(session.job._id);
  return submit(step, 'countQuery', countStatement(session.job, table), { asOf });
}

function countStatement(job: SyncJob, table: TableDefinition): string {
  const { filter, range } = rangeOf(job);
  const source = sourceOf(job, table);
  const { serialKey } = source;
  const warehouses = warehousesToLookFor(job);
  const hasGroups = job.window && !job.window.refused && warehouses.length <= MOST_WAREHOUSES;
  if (!hasGroups || serialKey === undefined) return countQuery(source, filter, range, warehouses);
  return windowCountQuery({ ...source, serialKey }, filter, range, warehouses);
}

/** Whether a warehouse that had no row at the last full run has some now. */
function hasNewcomer(
  { mode, scope, emptyWarehouses = [] }: SyncJob,
  empty: readonly string[] = [],
) {
  return mode === 'incremental' && scope.own && empty.length < emptyWarehouses.length;
}

/**
 * Only a full run can find that a warehouse has no row at all; an incremental one checks whether
 * those warehouses have rows now.
 */
function warehousesToLookFor({ mode, scope, emptyWarehouses }: SyncJob): readonly string[] {
  if (scope.date) return [];
  return mode === 'full' ? (scope.whseids ?? []) : (emptyWarehouses ?? []);
}

/** The split of a run that is too large for one query; a run with a row limit never is. */
function splitOf(
  { limit }: SyncJob,
  rows: number,
  serials: readonly [bigint, bigint] | undefined,
  size: number,
): Split | undefined {
  if (rows <= size || limit.rows > 0 || !serials) return undefined;
  const parts = splitBySerial(...serials, Math.ceil(rows / size));
  const ranges = parts.map(({ serialFrom, serialBefore, withNullSerial }) => ({
    ...(serialFrom !== undefined && { serialFrom: String(serialFrom) }),
    ...(serialBefore !== undefined && { serialBefore: String(serialBefore) }),
    ...(withNullSerial && { withNullSerial }),
  }));
  return { ranges, index: 0, counts: noRows() };
}
