import { dataQuery, type QuerySource, type RowKey } from '../datafabric/query-builder.js';
import type { Row } from '../datafabric/rows.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { JobUpdate } from '../store/job-leases.js';
import { finished, submit } from './lake-query.js';
import { TOTALS_REFUSALS } from './query.js';
import { countKeys } from './recount.js';
import { isStatementRefusal } from './statement-refusal.js';
import type { Step } from './step.js';

/**
 * The lake's present rows with these keys, without a ceiling. The result totals, or a count, prove
 * that they are complete.
 * @param keys at least one
 * @param facts job fields, saved together with the query when it is submitted
 * @returns undefined if the deadline came first
 * @throws AppError LAKE_RESULT_LOST if they are not complete
 */
export async function rowsByKey(
  step: Step,
  source: QuerySource,
  keys: readonly RowKey[],
  facts: JobUpdate = {},
): Promise<readonly Row[] | undefined> {
  const { context, session, sliceDeadline } = step;
  const { compass } = context.lake;
  const { totals: asks = false, totalsRefused = 0, probeQuery } = session.job;
  const totals = asks && totalsRefused < TOTALS_REFUSALS;
  let query = probeQuery;
  try {
    const sql = () => dataQuery(source, { rows: keys }, {}, { totals });
    query ??= await submit(step, 'probeQuery', sql(), facts);
    if (!(await finished(step, query))) return undefined;
  } catch (thrown) {
    if (!totals || !isStatementRefusal(toAppError(thrown).code)) throw thrown;
    // The lake has stated them for the rows that the run has read; from here on it is not asked to.
    await session.save({ probeQuery: undefined, totalsRefused: TOTALS_REFUSALS });
    return rowsByKey(step, source, keys, facts);
  }
  const limits = { deadline: sliceDeadline, signal: session.signal };
  const { rows, proven } = await compass.allRows(query.id, limits);
  if (proven) return rows;
  step.memory.lakeQueries++;
  if ((await countKeys(compass, source, keys, limits)) === rows.length) return rows;
  throw new AppError('LAKE_RESULT_LOST', undefined, {
    details: [{ message: 'rows that were counted were not delivered', queryId: query.id }],
  });
}
