import { readOnlyRow } from '../datafabric/result-pages.js';
import type { Row } from '../datafabric/rows.js';
import type { LakeQuery } from '../models/sync-job.js';
import type { JobUpdate } from '../store/job-leases.js';
import type { Step } from './step.js';

/** The field of a job that has a query it waits for. */
export type QueryField =
  | 'probeQuery'
  | 'countQuery'
  | 'recountQuery'
  | 'query'
  | 'reconcile.listingQuery';

/** Submits a query of the run to the lake, and saves it in the job together with `facts`. */
export async function submit(
  { context, session, sliceDeadline, memory }: Step,
  field: QueryField,
  sql: string,
  facts: JobUpdate = {},
): Promise<LakeQuery> {
  const id = await context.lake.compass.submit(sql, {
    deadline: sliceDeadline,
    signal: session.signal,
  });
  memory.lakeQueries++;
  const query = { id, sql, submittedAt: new Date(session.now()) };
  await session.save({ ...facts, [field]: query });
  return query;
}

/**
 * Waits until a query has ended.
 * @returns undefined if the slice or the turn ended first: the next slice continues to wait
 */
export async function finished({ context, session, sliceDeadline, turn }: Step, query: LakeQuery) {
  const runningMs = session.now() - query.submittedAt.getTime();
  const ended = await context.lake.compass.waitUntilEnded(query.id, {
    submittedAt: context.clock.now() - runningMs,
    deadline: sliceDeadline,
    waitUntil: turn.waitEnds,
    signal: session.signal,
  });
  return ended.state === 'finished' ? ended : undefined;
}

/** The only row of a finished query's result. @throws AppError as `readOnlyRow` does */
export function onlyRow({ context, session, sliceDeadline }: Step, queryId: string): Promise<Row> {
  const { clock, emptyPagePauseMs, lake } = context;
  const reader = { compass: lake.compass, clock, emptyPagePauseMs };
  return readOnlyRow(reader, queryId, { deadline: sliceDeadline, signal: session.signal });
}
