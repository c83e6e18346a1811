import { groupedListingQuery } from '../../datafabric/listing-query.js';
import { toAppError } from '../../errors/app-error.js';
import { finished, submit } from '../lake-query.js';
import { rangeOf, sourceOf } from '../query-scope.js';
import { isDoubted } from '../restart-query.js';
import { isStatementRefusal } from '../statement-refusal.js';
import type { Step, StepResult } from '../step.js';
import { ceilingOf } from './certificate.js';
import { joinBuckets } from './compare-groups.js';
import { Comparison } from './comparison.js';
import { reconcileOf, StepCost } from './cost.js';
import { withException } from './exceptions.js';
import { ContradictoryListing, type ListingFacts, lakeBuckets } from './lake-buckets.js';
import type { StoredBucket } from './stored-buckets.js';
import { StoredSide } from './stored-side.js';

/** The position is saved after this many index times. */
const SAVED_TIMES = 20_000;

/**
 * Compares both sides in groups of one warehouse and one index time: the lake's from one query with
 * a frozen result, MongoDB's as they are read. Groups that differ are left to `locate`.
 */
export async function compareListing(step: Step): Promise<StepResult> {
  const { session } = step;
  const { job } = session;
  const { listingQuery, position } = reconcileOf(job);
  const ceilingMs = ceilingOf(job)?.getTime() ?? Number.NEGATIVE_INFINITY;
  const comparison = new Comparison(position, job.scope.whseids, ceilingMs);
  const stored = new StoredSide(step, (documents) => comparison.addForeign(documents));
  try {
    const query = listingQuery ?? (await submitListing(step));
    // Both sides work at the same time, unless this run has waited for the lake before: then
    // MongoDB's work may have been for nothing, and is not begun again before the lake has ended.
    if (!listingQuery) stored.open();
    if (!(await finished(step, query))) return 'pause';
    return await compareGroups(step, query.id, comparison, stored.open());
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    if (thrown instanceof ContradictoryListing) {
      return unproven(step, 'listing_contradictory', thrown.message);
    }
    const mayBeMistake = isDoubted(code) && !session.job.doubted;
    // The lake can't list groups, but what the run has read is correct all the same.
    if (!isStatementRefusal(code) || mayBeMistake) throw thrown;
    return unproven(step, 'listing_refused', message);
  } finally {
    await stored.end();
  }
}

/** MongoDB's time is read first: whatever the lake had indexed by then is in the listing. */
async function submitListing(step: Step) {
  const { context, session, table } = step;
  const { job } = session;
  const { now } = await context.store.jobs.findWithTime(job._id);
  const sql = groupedListingQuery(sourceOf(job, table), rangeOf(job).filter);
  const cost = new StepCost(step);
  cost.queries++;
  return submit(step, 'reconcile.listingQuery', sql, { 'reconcile.asOf': now, ...cost.take() });
}

function unproven(step: Step, reason: string, message: string): Promise<StepResult> {
  return step.session
    .save({ phase: 'certifying', ...withException(step.session.job, { reason, message }) })
    .then(() => 'next' as const);
}

async function compareGroups(
  step: Step,
  queryId: string,
  comparison: Comparison,
  stored: AsyncIterator<readonly StoredBucket[]>,
): Promise<StepResult> {
  const { context, session, sliceDeadline, turn } = step;
  const cost = new StepCost(step);
  const { position } = reconcileOf(session.job);
  const totals = position?.stated && {
    groups: position.stated.groups,
    rows: BigInt(position.stated.rows),
  };
  const facts: ListingFacts = { unnamed: 0, totals };
  // Both sides are read ahead while earlier buckets are compared.
  const lake = lakeBuckets(step, queryId, position?.offset ?? 0, facts, cost);
  const save = () =>
    session.save({ 'reconcile.position': comparison.position(facts.totals), ...cost.take() });
  let sinceSaved = 0;
  try {
    for await (const pairs of joinBuckets(lake, stored)) {
      for (const pair of pairs) comparison.add(pair);
      sinceSaved += pairs.length;
      if (sinceSaved < SAVED_TIMES) continue;
      sinceSaved = 0;
      await save();
      if (context.clock.now() >= Math.min(sliceDeadline, turn.ends)) return 'pause';
    }
  } finally {
    await lake.return(undefined);
  }
  comparison.addUnnamed(facts.unnamed);
  const contradiction = comparison.contradiction(facts.totals);
  if (contradiction) return unproven(step, 'listing_contradictory', contradiction);
  const { rows, documents } = comparison.position(facts.totals);
  // A wrongly empty result looks like that of an empty object.
  const isDoubtful = rows === 0 && documents > 0;
  const message = `the lake has listed no row, and MongoDB has ${documents} documents`;
  await save();
  await session.save({
    'reconcile.nextRange': 0,
    phase: 'locating',
    probeQuery: undefined,
    ...(isDoubtful && withException(session.job, { reason: 'listing_empty', message })),
  });
  return 'next';
}
