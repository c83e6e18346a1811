import { keyListingQuery } from '../../datafabric/listing-query.js';
import { takeTotals } from '../../datafabric/result-totals.js';
import type { UnequalRange } from '../../models/reconcile.js';
import { compileDecoder, type DecodedRow } from '../../rows/decoder.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import { unproven } from '../fetch-page.js';
import { finished, submit } from '../lake-query.js';
import { rangeOf, sourceOf } from '../query-scope.js';
import type { Step, StepResult } from '../step.js';
import { reconcileOf, StepCost } from './cost.js';
import { withException } from './exceptions.js';
import { resultPages } from './result-stream.js';
import { nextBatch } from './unequal-ranges.js';

/** Documents that one run confirms at most; a table with more differences is to be rebuilt. */
export const MOST_CANDIDATES = 20_000;
/** Rows of one batch of ranges, whose keys are kept in memory while it is compared. */
const MOST_KEYS = 1_000_000;
const LOOK_UP = 1_000;

/**
 * Lists row by row what is in the ranges that differ, a few of them at a time: which keys have
 * another version on the other side, or none. Whether they really differ is for `confirm` to see.
 */
export async function locate(step: Step): Promise<StepResult> {
  const { session, table } = step;
  const { job } = session;
  const { position, nextRange = 0 } = reconcileOf(job);
  const batch = nextBatch(position?.ranges ?? [], nextRange);
  if (batch.length === 0) return goOn(step);
  const cost = new StepCost(step);
  const { probeQuery } = job;
  const source = sourceOf(job, table);
  const key = ['WHSEID', ...table.key];
  const sql = () => keyListingQuery(source, rangeOf(job).filter, key, batch);
  if (!probeQuery) cost.queries++;
  const query = probeQuery ?? (await submit(step, 'probeQuery', sql()));
  if (!(await finished(step, query))) return 'pause';
  const candidates = await candidatesIn(step, query.id, batch, cost);
  const after = { 'reconcile.nextRange': nextRange + batch.length, probeQuery: undefined };
  if (candidates === 'too many') {
    const message = `more than ${MOST_CANDIDATES} documents differ, or ${MOST_KEYS} rows would have to be compared one by one`;
    const exception = withException(job, { reason: 'too_many_differences', message });
    await session.save({ ...after, ...exception, phase: 'confirming', ...cost.take() });
    return 'next';
  }
  await session.save({ ...after, ...cost.take() });
  return 'next';
}

async function goOn({ session }: Step): Promise<StepResult> {
  const phase = reconcileOf(session.job).deep ? 'comparing' : 'confirming';
  await session.save({ phase, probeQuery: undefined });
  return 'next';
}

/** Compares the rows of one batch, and keeps those that differ as candidates. */
async function candidatesIn(
  step: Step,
  queryId: string,
  batch: readonly UnequalRange[],
  cost: StepCost,
): Promise<'kept' | 'too many'> {
  const { context, session, table } = step;
  const { job } = session;
  const comparison = context.store.comparison(job.tableId);
  const { now } = await context.store.jobs.findWithTime(job._id);
  const met = { tableId: job.tableId, jobId: job._id, now };
  const { decode } = compileDecoder(table, { epoch: job.epoch ?? 0 });
  const listed = new Set<string>();
  let stated: number | undefined;
  let read = 0;
  const keep = async (keys: readonly string[]) => {
    await context.store.differences.addCandidates(met, keys);
  };

  for await (const page of resultPages(step, queryId, 0, () => stated)) {
    const { rows, stated: totals, contradictory } = takeTotals(page.rows);
    if (contradictory || !totals || (stated !== undefined && stated !== totals.rows)) {
      throw unproven(job, 'the listing of rows states no totals, or different ones');
    }
    stated = totals.rows;
    if (stated > MOST_KEYS) return 'too many';
    cost.pages++;
    cost.rowsRead += rows.length;
    read += rows.length;
    const decoded = rows.flatMap((row) => {
      const one = decode(row);
      return one.ok ? [one.row] : [];
    });
    for (const row of decoded) listed.add(row.id);
    for (let at = 0; at < decoded.length; at += LOOK_UP) {
      const some = decoded.slice(at, at + LOOK_UP);
      const versions = await comparison.versions(some.map(({ id }) => id));
      await keep(some.filter((row) => differs(row, versions.get(row.id))).map(({ id }) => id));
    }
  }
  if (stated !== undefined && read !== stated) {
    throw unproven(job, `${read} rows came of a listing that has ${stated}`);
  }
  for await (const keys of comparison.liveKeysWithin(batch)) {
    await keep(keys.filter((one) => !listed.has(one)));
  }
  const candidates = await context.store.differences.countCandidates(job.tableId, job._id);
  return candidates > MOST_CANDIDATES ? 'too many' : 'kept';
}

function differs(row: DecodedRow, stored: StoredVersion | undefined): boolean {
  if (!stored || stored.deleted || stored.modifiedMs !== row.modifiedMs) return true;
  return String(stored.serialKey) !== String(row.serialKey);
}
