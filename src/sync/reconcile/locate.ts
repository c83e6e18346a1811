import { keyListingQuery, listedRowsQuery } from '../../datafabric/listing-query.js';
import { type ResultTotals, sameTotals, takeTotals } from '../../datafabric/result-totals.js';
import type { UnequalRange } from '../../models/reconcile.js';
import { compileDecoder, type DecodedRow } from '../../rows/decoder.js';
import { keyParts } from '../../rows/key.js';
import { rowsCounted } from '../count-answer.js';
import { unproven } from '../fetch-page.js';
import { finished, submit } from '../lake-query.js';
import { rangeOf, sourceOf } from '../query-scope.js';
import type { Step, StepResult } from '../step.js';
import { writingOf } from '../writing.js';
import { candidateList, MOST_CANDIDATES } from './candidate-list.js';
import { ceilingOf } from './certificate.js';
import { reconcileOf, StepCost } from './cost.js';
import { withException } from './exceptions.js';
import { scopeTest } from './in-scope.js';
import { isWhole, resultPages } from './result-stream.js';
import { isSameVersion } from './same-version.js';
import { nextBatch } from './unequal-ranges.js';

/** The most rows of one batch of ranges: their keys are kept in memory while it is compared. */
const MOST_KEYS = 1_000_000;
const LOOK_UP = 1_000;

/**
 * Lists the rows of the ranges that differ, a few ranges at a time, and finds the keys that have
 * another version on the other side, or none. `confirm` finds out whether they really differ.
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
  const { decode } = compileDecoder(table, writingOf(job));
  const isInScope = scopeTest(job.scope.whseids);
  const ceilingMs = ceilingOf(job)?.getTime() ?? Number.NEGATIVE_INFINITY;
  const candidates = await candidateList(step);
  const listed = new Set<string>();
  let stated: ResultTotals | undefined;
  let read = 0;
  let keySum = 0n;
  let oddKeys = 0;

  for await (const page of resultPages(step, queryId, 0, () => stated?.rows)) {
    const { rows, stated: totals, contradictory, ...keys } = takeTotals(page.rows);
    if (contradictory || !totals || (stated && !sameTotals(stated, totals))) {
      throw unproven(job, 'the listing of rows states no totals, or different ones');
    }
    stated = totals;
    keySum += keys.keySum;
    oddKeys += keys.oddKeys;
    if (stated.rows > MOST_KEYS) return 'too many';
    cost.pages++;
    cost.rowsRead += rows.length;
    read += rows.length;
    const decoded: DecodedRow[] = [];
    const doubtful: string[] = [];
    for (const raw of rows) {
      const one = decode(raw);
      if (one.ok) {
        decoded.push(one.row);
        // Two rows with one key may have the same version.
        if (listed.has(one.row.id)) doubtful.push(one.row.id);
        listed.add(one.row.id);
      } else if ((one.reject.modifiedMs ?? ceilingMs) <= ceilingMs) {
        doubtful.push(one.reject.identity);
      }
    }
    await candidates.add(doubtful);
    for (let at = 0; at < decoded.length && !candidates.areTooMany(); at += LOOK_UP) {
      const some = decoded.slice(at, at + LOOK_UP);
      const versions = await comparison.versions(some.map(({ id }) => id));
      await candidates.add(
        some.filter((row) => !isSameVersion(row, versions.get(row.id))).map(({ id }) => id),
      );
    }
    if (candidates.areTooMany()) return 'too many';
  }
  // A page delivered twice in the place of another would hide that page's rows.
  const received = { rows: read, keySum: String(keySum) };
  if (stated && !isWhole(stated, received, oddKeys)) {
    throw unproven(job, 'the rows read differ from the totals of their listing');
  }
  if (!stated) await checkEmptiness(step, batch, cost);
  for await (const keys of comparison.liveKeysWithin(batch)) {
    await candidates.add(keys.filter((key) => !listed.has(key) && isInScope(keyParts(key)[0])));
    if (candidates.areTooMany()) return 'too many';
  }
  return 'kept';
}

/** An empty result states no totals: a count must confirm that there is no row. */
async function checkEmptiness(
  { context, session, table, sliceDeadline, memory }: Step,
  batch: readonly UnequalRange[],
  cost: StepCost,
): Promise<void> {
  const { job } = session;
  const sql = listedRowsQuery(sourceOf(job, table), rangeOf(job).filter, batch);
  cost.queries++;
  memory.lakeQueries++;
  const { rows } = await context.lake.compass.query(sql, {
    deadline: sliceDeadline,
    signal: session.signal,
  });
  const counted = rowsCounted(rows[0]);
  if (counted > 0) throw unproven(job, `no row was delivered of a listing that has ${counted}`);
}
