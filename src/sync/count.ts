import { countQuery } from '../datafabric/query-builder.js';
import { splitBySerial } from '../datafabric/serial-split.js';
import { toAppError } from '../errors/app-error.js';
import type { RunProof, Split } from '../models/reading.js';
import { noRows } from '../models/row-counts.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import { badCount, type Counted, countedBy } from './count-answer.js';
import { finished, onlyRow, submit } from './lake-query.js';
import { rangeOf, sourceOf } from './query-scope.js';
import { afterReading } from './reconcile/begin.js';
import type { Step, StepResult } from './step.js';

/**
 * Counts the rows of the run's scope and freezes its ceiling: the newest index time among
 * them. No row: the run has nothing to read.
 */
export async function count(step: Step): Promise<StepResult> {
  const { context, session, table } = step;
  const counted = await countRows(step);
  if (typeof counted === 'string') return counted;

  const { rows, maxModified, serials, emptyWarehouses } = counted;
  if (hasNewcomer(session.job, emptyWarehouses)) {
    // Some of its rows may be older than what this run would read.
    const modeReason = 'first_rows_of_warehouse';
    await session.save({
      mode: 'full',
      modeReason,
      range: {},
      phase: 'learning',
      countQuery: undefined,
    });
    return 'next';
  }
  if (rows === 0) {
    const proof: RunProof = { how: 'empty', read: 0, counted: 0 };
    await session.save({
      ...(await afterReading(step, proof)),
      totalRecords: 0,
      emptyWarehouses,
      proof,
    });
    return 'next';
  }
  if (maxModified === undefined) {
    throw badCount(`${table.object}: the lake counted ${rows} rows, but names no index time`);
  }
  await session.save({
    phase: 'querying',
    totalRecords: rows,
    emptyWarehouses,
    'range.ceiling': maxModified,
    split: splitOf(session.job, rows, serials, context.sizes.query),
  });
  return 'next';
}

/** A count that fails may be asking for a column that the object does not have, or no longer. */
async function countRows(step: Step): Promise<Counted | StepResult> {
  const { session } = step;
  try {
    const query = session.job.countQuery ?? (await submitCount(step));
    if (!(await finished(step, query))) return 'pause';
    return countedBy(await onlyRow(step, query.id), warehousesToLookFor(session.job));
  } catch (thrown) {
    const { lakeObject, hasLearned, withoutSerialKey } = session.job;
    if (toAppError(thrown).code !== 'LAKE_QUERY_FAILED') throw thrown;
    if (lakeObject && !hasLearned) {
      await session.save({ phase: 'learning', countQuery: undefined });
    } else if (!lakeObject && !withoutSerialKey) {
      await session.save({ withoutSerialKey: true, countQuery: undefined });
    } else throw thrown;
    return 'next';
  }
}

/** The time is read before: what is indexed while the lake counts is above the watermark. */
async function submitCount(step: Step): Promise<LakeQuery> {
  const { context, session, table } = step;
  const { now: asOf } = await context.store.jobs.findWithTime(session.job._id);
  const { filter, range } = rangeOf(session.job);
  const sql = countQuery(
    sourceOf(session.job, table),
    filter,
    range,
    warehousesToLookFor(session.job),
  );
  return submit(step, 'countQuery', sql, { asOf });
}

/** Whether a warehouse that had no row at the last full run has some now. */
function hasNewcomer(
  { mode, scope, emptyWarehouses = [] }: SyncJob,
  empty: readonly string[] = [],
) {
  return mode === 'incremental' && scope.own && empty.length < emptyWarehouses.length;
}

/** Only a full run can say that a warehouse has no row at all; another one looks for newcomers. */
function warehousesToLookFor({ mode, scope, emptyWarehouses }: SyncJob): readonly string[] {
  if (scope.date) return [];
  return mode === 'full' ? (scope.whseids ?? []) : (emptyWarehouses ?? []);
}

/** A run with a limit is never that large. */
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
