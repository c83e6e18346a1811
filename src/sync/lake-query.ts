import type { QueryFilter, QueryRange, QuerySource } from '../datafabric/query-builder.js';
import type { ErrorCode } from '../errors/codes.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';
import type { SyncContext } from './context.js';
import type { Step } from './step.js';

/** Where a job remembers a query that it waits for. */
export type QueryField = 'probeQuery' | 'countQuery' | 'recountQuery' | 'query';

/** Sends a query of the run to the lake, and remembers it in the job with what else is given. */
export async function submit(
  { context, session, deadline }: Step,
  field: QueryField,
  sql: string,
  facts: Partial<SyncJob> = {},
): Promise<LakeQuery> {
  const id = await context.lake.compass.submit(sql, { deadline, signal: session.signal });
  const query = { id, sql, submittedAt: new Date(session.now()) };
  await session.save({ ...facts, [field]: query });
  return query;
}

/** @returns undefined where deadline or turn ended first: the next slice goes on waiting */
export async function finished({ context, session, deadline, turn }: Step, query: LakeQuery) {
  const runningMs = session.now() - query.submittedAt.getTime();
  const ended = await context.lake.compass.waitUntilEnded(query.id, {
    submittedAt: context.clock.now() - runningMs,
    deadline,
    waitUntil: turn.waitEnds,
    signal: session.signal,
  });
  return ended.state === 'finished' ? ended : undefined;
}

/** What a lake that can't run a form of statement may say, once the gateway's retries are over. */
const REFUSALS: readonly ErrorCode[] = [
  'LAKE_QUERY_FAILED',
  'LAKE_REFUSED',
  'LAKE_SERVER_ERROR',
  'LAKE_QUERY_CANCELED',
  'LAKE_QUERY_SLOW',
];

export function isRefusal(code: ErrorCode): boolean {
  return REFUSALS.includes(code);
}

/** The lake ends a query by itself too: there is no reason to wait long for that. */
const CANCEL_MS = 5_000;

/**
 * Cancels the queries that a run which ends early may have left running: their results are of no
 * use to anybody. Never throws.
 */
export async function leaveNoQuery(
  { lake, clock, log }: Pick<SyncContext, 'lake' | 'clock' | 'log'>,
  { probeQuery, countQuery, recountQuery, query, segments }: SyncJob,
): Promise<void> {
  // Once there are segments the data query has ended.
  const isRead = segments.length > 0;
  const sent = isRead ? [recountQuery, probeQuery] : [probeQuery, countQuery, query];
  const last = sent.findLast((one) => one !== undefined);
  if (!last) return;
  const limits = { deadline: clock.now() + CANCEL_MS };
  try {
    await lake.compass.cancel(last.id, limits);
  } catch (error) {
    // It ends by itself, and its result is nobody's.
    log.warn({ err: error, queryId: last.id }, 'query not canceled in the lake');
  }
}

/** What the statements of a run have to know about its object. */
export function sourceOf(
  job: Pick<SyncJob, 'lakeObject' | 'deleteFlag' | 'withoutSerialKey'>,
  { object }: TableDefinition,
): QuerySource {
  const { lakeObject, deleteFlag, withoutSerialKey } = job;
  const serialKey = withoutSerialKey ? undefined : serialKeyOf(lakeObject);
  return { object, serialKey, deleteFlag };
}

/** What the run's own queries cover. */
export function rangeOf({ scope, range }: SyncJob): { filter: QueryFilter; range: QueryRange } {
  const { whseids, date } = scope;
  return {
    filter: { whseids, date },
    range: { modifiedFrom: range.from, modifiedTo: range.ceiling },
  };
}

/** Where no list is known the column is assumed: every WMS object seen has it. */
function serialKeyOf(facts: SyncJob['lakeObject']): string | undefined {
  if (!facts) return 'SERIALKEY';
  return facts.columns.find((name) => name.toUpperCase() === 'SERIALKEY');
}
