import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { TABLES } from '../../src/tables/registry.js';
import { type Comparison, compareTable } from '../compare/compare.js';
import type { LocalBackend } from '../serve/index.js';
import type { ApiReply } from '../test-sync-api/api-reply.js';
import type { ApiClient } from '../test-sync-api/client.js';
import { Failure, failureOf } from '../test-sync-api/failure.js';
import { type FollowOptions, followJob } from '../test-sync-api/follow.js';
import type { Screen } from '../test-sync-api/screen.js';
import { activeJobs, type Job, promised, reasonOf, startAnswer } from '../test-sync-api/shapes.js';
import { number } from './number.js';

/** What the parts of the demo work with. */
export interface Demo {
  readonly backend: LocalBackend;
  readonly client: ApiClient;
  readonly screen: Screen;
}

/** What became of the rows that a run read. */
export type RunStats = z.infer<typeof runStats>;
const runStats = z.object({
  processedRecords: z.number(),
  insertedRecords: z.number(),
  updatedRecords: z.number(),
  unchangedRecords: z.number(),
  staleRecords: z.number(),
  errorRecords: z.number(),
  unreadableRecords: z.number(),
  deletedRecords: z.number(),
  durationMs: z.number(),
});

export interface TableRun {
  readonly tableId: string;
  readonly stats: RunStats;
  /** With the lake, after the run. */
  readonly comparison: Comparison;
}

/** A look costs a third of a second of the machine that does the work, too. */
const POLL_MS = 400;
/** Many millions of rows take this long. */
const LIMIT_MS = 3 * 3_600_000;
const BAR = 30;

/** Syncs all tables, one after the other, and compares each with the lake. */
export async function syncTables(demo: Demo): Promise<TableRun[]> {
  const { backend, screen } = demo;
  const runs: TableRun[] = [];
  for (const table of TABLES) {
    const { tableId } = table;
    const stats = await syncTable(demo, tableId);
    screen.progress(`  ${tableId.padEnd(15)}comparing with the lake …`);
    const comparison = await compareTable(backend.lake, backend.db, table);
    runs.push({ tableId, stats, comparison });
    const isEqual = comparison.differences.length === 0;
    const text = isEqual ? textOf(stats) : `${textOf(stats)}; differs from the lake`;
    screen.result(isEqual ? 'ok' : 'failed', tableId, stats.durationMs, text);
  }
  return runs;
}

async function syncTable(demo: Demo, tableId: string): Promise<RunStats> {
  const { client, screen } = demo;
  const reply = await untilAnswered(
    demo,
    tableId,
    client.call('sync-table', { body: { tableId } }),
  );
  if (reply.status === 200) return promised(z.object({ stats: runStats }), reply).stats;
  if (reply.status !== 202) throw failureOf('sync-table', reply);
  const { jobId } = promised(startAnswer, reply);
  const { job } = await followJob(client, { jobId, tableId }, followOptions(screen));
  if (job.status === 'failed') throw new Failure(`${tableId}: ${reasonOf(job)}`);
  return runStats.parse(job.stats);
}

export function followOptions(screen: Screen): FollowOptions {
  const onProgress = (job: Job) => screen.progress(progressOf(job));
  return { pollMs: POLL_MS, limitMs: LIMIT_MS, onProgress };
}

/** Shows how far the active job is for as long as its request is open. */
async function untilAnswered(
  { client, screen }: Demo,
  tableId: string,
  answer: Promise<ApiReply>,
): Promise<ApiReply> {
  const look = async (): Promise<undefined> => {
    await delay(POLL_MS);
    const reply = await client.call('sync-status');
    if (reply.status !== 200) return;
    const job = promised(activeJobs, reply).jobs.find((active) => active.tableId === tableId);
    if (job) screen.progress(progressOf(job));
  };
  for (;;) {
    // A look that fails is no reason to give the answer up.
    const answered = await Promise.race([answer, look().catch(() => undefined)]);
    if (answered) return answered;
  }
}

function progressOf({ tableId, stats: { processedRecords, totalRecords } }: Job): string {
  const name = `  ${tableId.padEnd(15)}`;
  if (totalRecords === 0) return `${name}asking the lake …`;
  const filled = Math.min(BAR, Math.round((BAR * processedRecords) / totalRecords));
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  return `${name}${bar}  ${number(processedRecords)} of ${number(totalRecords)} rows`;
}

function textOf(stats: RunStats): string {
  const parts = [
    [stats.insertedRecords, 'created'],
    [stats.updatedRecords, 'updated'],
    [stats.unchangedRecords, 'unchanged'],
    [stats.staleRecords, 'stale'],
    [stats.errorRecords, 'rejected'],
  ] as const;
  const found = parts.flatMap(([count, what]) => (count > 0 ? [`${number(count)} ${what}`] : []));
  return `${number(stats.processedRecords)} read: ${found.join(', ') || 'nothing new'}`;
}
