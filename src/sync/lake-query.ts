import type { dataQuery, QuerySource } from '../datafabric/query-builder.js';
import type { LakeQuery } from '../models/sync-job.js';
import type { Step } from './context.js';

/** Sends a query of the run to the lake, and remembers it in the job. */
export async function submit(
  { context, lease, table, deadline }: Step,
  field: 'countQuery' | 'query',
  build: typeof dataQuery,
): Promise<LakeQuery> {
  const { job } = lease;
  const source: QuerySource = {
    object: table.object,
    serialKey: 'SERIALKEY',
    deleteFlag: job.deleteFlag,
  };
  const { whseids, date } = job.scope;
  const part = field === 'query' ? job.split?.ranges[job.split.index] : undefined;
  const range = { modifiedFrom: job.range.from, modifiedTo: job.range.ceiling, ...part };
  const sql = build(source, { whseids, date }, range);
  const id = await context.lake.compass.submit(sql, { deadline, signal: lease.signal });
  const query = { id, sql, submittedAt: new Date(lease.now()) };
  const attempts = field === 'query' ? { queryAttempts: job.queryAttempts + 1 } : {};
  await lease.save({ [field]: query, ...attempts });
  return query;
}

/** @returns undefined where the deadline came first: the next slice goes on waiting */
export async function finished({ context, lease, deadline }: Step, query: LakeQuery) {
  const runningMs = lease.now() - query.submittedAt.getTime();
  const ended = await context.lake.compass.waitUntilEnded(query.id, {
    submittedAt: context.clock.now() - runningMs,
    deadline,
    signal: lease.signal,
  });
  return ended.state === 'finished' ? ended : undefined;
}
