import { dataQuery, type QuerySource, type RowKey } from '../datafabric/query-builder.js';
import type { Row } from '../datafabric/rows.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { LakeQuery } from '../models/sync-job.js';
import type { JobUpdate } from '../store/job-leases.js';
import { finished, submit } from './lake-query.js';
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
  const { totals = false } = session.job;
  const query = await finishedProbe(step, facts, (stated) =>
    dataQuery(source, { rows: keys }, {}, { totals: stated && totals }),
  );
  if (!query) return undefined;
  const limits = { deadline: sliceDeadline, signal: session.signal };
  const { rows, proven } = await compass.allRows(query.id, limits);
  if (proven) return rows;
  if ((await countKeys(compass, source, keys, limits)) === rows.length) return rows;
  throw new AppError('LAKE_RESULT_LOST', undefined, {
    details: [{ message: 'rows that were counted were not delivered', queryId: query.id }],
  });
}

/**
 * The finished query; one without totals where the lake refuses to state them, although it did so
 * for the rows that the run has read.
 * @returns undefined if the deadline came first
 */
async function finishedProbe(
  step: Step,
  facts: JobUpdate,
  statement: (stated: boolean) => string,
): Promise<LakeQuery | undefined> {
  const { session } = step;
  const plain = statement(false);
  try {
    const query =
      session.job.probeQuery ?? (await submit(step, 'probeQuery', statement(true), facts));
    return (await finished(step, query)) ? query : undefined;
  } catch (thrown) {
    const wasPlain = (session.job.probeQuery?.sql ?? statement(true)) === plain;
    if (wasPlain || !isStatementRefusal(toAppError(thrown).code)) throw thrown;
    await session.save({ probeQuery: undefined });
    const query = await submit(step, 'probeQuery', plain, facts);
    return (await finished(step, query)) ? query : undefined;
  }
}
