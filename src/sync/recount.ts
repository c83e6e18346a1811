import type { Compass } from '../datafabric/compass.js';
import { countQuery, type QuerySource, type RowKey } from '../datafabric/query-builder.js';
import type { CallOptions } from '../ion/time-limit.js';
import { rowsCounted } from './count-answer.js';
import { finished, onlyRow, submit } from './lake-query.js';
import { rangeOf, sourceOf } from './query-scope.js';
import type { Step } from './step.js';

/**
 * Counts the rows of the run's own range once more.
 * @param part only those of the present range of a split run
 * @returns undefined if the slice ended first
 */
export async function recount(step: Step, { part = false } = {}): Promise<number | undefined> {
  const { session, table } = step;
  const { split } = session.job;
  const { filter, range } = rangeOf(session.job);
  const whole = { ...range, ...(part ? split?.ranges[split.index] : undefined) };
  const sql = () => countQuery(sourceOf(session.job, table), filter, whole);
  const query = session.job.recountQuery ?? (await submit(step, 'recountQuery', sql()));
  if (!(await finished(step, query))) return undefined;
  return rowsCounted(await onlyRow(step, query.id));
}

/** How many rows with these keys the lake has now. @throws AppError as `Compass.query` does */
export async function countKeys(
  compass: Compass,
  source: QuerySource,
  keys: readonly RowKey[],
  limits: CallOptions,
): Promise<number> {
  const { rows } = await compass.query(countQuery(source, { rows: keys }, {}), limits);
  return rowsCounted(rows[0]);
}
