import { dataQuery } from '../datafabric/query-builder.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { LakeQuery } from '../models/sync-job.js';
import { finished, submit } from './lake-query.js';
import { rangeOf, sourceOf } from './query-scope.js';
import { isStatementRefusal } from './statement-refusal.js';
import type { Step } from './step.js';

/** How often a query with totals must fail before the lake counts as refusing totals. */
export const TOTALS_REFUSALS = 2;

/**
 * Waits for the run's query, and submits it first if necessary; without totals once the lake has
 * refused to state them.
 */
export async function endOfQuery(step: Step) {
  const { session } = step;
  try {
    const query = session.job.query ?? (await submitQuery(step));
    if (session.job.inherited) return await endOfInherited(step, query);
    return (await finished(step, query)) ?? 'pause';
  } catch (thrown) {
    const { code } = toAppError(thrown);
    const { totals, totalsRefused = 0, inherited } = session.job;
    if (!totals || inherited || !isStatementRefusal(code)) throw thrown;
    const refused = totalsRefused + 1;
    await session.save({
      query: undefined,
      queryAttempts: 0,
      totalsRefused: refused,
      totals: refused < TOTALS_REFUSALS,
    });
    return 'next';
  }
}

/** An inherited query had finished before: with any other status its result is lost. */
async function endOfInherited({ context, session, sliceDeadline }: Step, query: LakeQuery) {
  const limits = { deadline: sliceDeadline, signal: session.signal };
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
