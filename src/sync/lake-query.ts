import type { QueryFilter, QueryRange, QuerySource } from '../datafabric/query-builder.js';
import type { LakeQuery, SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';
import type { Step } from './context.js';

/** Where a job remembers a query that it waits for. */
export type QueryField = 'probeQuery' | 'countQuery' | 'recountQuery' | 'query';

/** Sends a query of the run to the lake, and remembers it in the job with what else is given. */
export async function submit(
  { context, lease, deadline }: Step,
  field: QueryField,
  sql: string,
  facts: Partial<SyncJob> = {},
): Promise<LakeQuery> {
  const id = await context.lake.compass.submit(sql, { deadline, signal: lease.signal });
  const query = { id, sql, submittedAt: new Date(lease.now()) };
  await lease.save({ ...facts, [field]: query });
  return query;
}

/** @returns undefined where deadline or turn ended first: the next slice goes on waiting */
export async function finished({ context, lease, deadline, turn }: Step, query: LakeQuery) {
  const runningMs = lease.now() - query.submittedAt.getTime();
  const ended = await context.lake.compass.waitUntilEnded(query.id, {
    submittedAt: context.clock.now() - runningMs,
    deadline,
    waitUntil: turn.waitEnds,
    signal: lease.signal,
  });
  return ended.state === 'finished' ? ended : undefined;
}

/** What the statements of a run have to know about its object. */
export function sourceOf(
  { lakeObject, deleteFlag }: Pick<SyncJob, 'lakeObject' | 'deleteFlag'>,
  { object }: TableDefinition,
): QuerySource {
  return { object, serialKey: serialKeyOf(lakeObject), deleteFlag };
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
