import { setTimeout as delay } from 'node:timers/promises';
import { Stopped } from '../serve/index.js';
import { createClient } from '../test-sync-api/client.js';
import { expectAnswer } from '../test-sync-api/expect-answer.js';
import { Failure } from '../test-sync-api/failure.js';
import { OPERATIONS } from '../test-sync-api/operations.js';
import { runOperations } from '../test-sync-api/run-operations.js';
import type { Screen } from '../test-sync-api/screen.js';
import { activeJobs, promised } from '../test-sync-api/shapes.js';
import { configure } from './configure.js';
import { FURTHER_OPERATIONS } from './further-operations.js';
import { changeLake, deleteBeforeFirstSync } from './lake-changes.js';
import type { DemoOptions } from './options.js';
import { reconcile } from './reconcile.js';
import { problemsOf, reportChanges, reportNotes, reportRun } from './report.js';
import { startParts } from './start.js';
import { type Demo, followOptions, syncTables } from './sync-tables.js';

/** Of what the functions print, shown where something fails. */
const LOG_LINES = 10;
const SHOWN_PROBLEMS = 20;
const WORKER_MS = 120_000;
const POLL_MS = 300;

/**
 * Runs the demo from start to end and leaves nothing behind.
 * @returns the exit status: 0 only if both sides are equal and all counts are right
 */
export async function runDemo(options: DemoOptions, screen: Screen): Promise<number> {
  const began = performance.now();
  const printed: string[] = [];
  screen.line('DataLake Sync Backend: the whole way, on this machine\n');
  try {
    const backend = await startParts(options, screen, (line) => printed.push(line));
    try {
      const { url, token, stopped: signal } = backend;
      const client = createClient({ url, token, signal });
      const problems = await tell({ backend, client, screen });
      const seconds = Math.round((performance.now() - began) / 1000);
      conclude(problems, seconds, screen);
      if (problems.length > 0) showLog(printed, screen);
      return problems.length > 0 ? 1 : 0;
    } catch (error) {
      backend.stopped.throwIfAborted();
      throw error;
    } finally {
      await backend.close();
    }
  } catch (error) {
    if (error instanceof Stopped) {
      screen.line(error.message);
      return error.status;
    }
    screen.line(`\n✗ ${error instanceof Error ? error.message : error}`);
    if (error instanceof Failure && error.remedy) screen.line(`→ ${error.remedy}`);
    showLog(printed, screen);
    return 1;
  }
}

/** @returns what is not as it has to be */
async function tell(demo: Demo): Promise<string[]> {
  const { backend, client, screen } = demo;
  screen.line('\nConfigurations');
  await configure(demo);

  await deleteBeforeFirstSync(backend.lake);
  screen.line('\nFirst sync: POST sync-table for each table, then a comparison with the lake');
  const first = { title: 'First sync', tables: await syncTables(demo) };

  const changes = await changeLake(backend.lake);
  reportChanges(changes, screen);
  screen.line('\nSecond sync: what changed, and the 30 minutes before the last known change');
  const second = { title: 'Second sync', tables: await syncTables(demo) };

  screen.line(
    '\nReconcile: POST sync-table {mode: "reconcile", repair: true} finds what no incremental sync can',
  );
  const unmended = await reconcile(demo);

  screen.line('\nFurther operations');
  const session = () => ({ client, follow: followOptions(screen), notes: [] });
  const further = await runOperations(FURTHER_OPERATIONS, session(), screen);
  screen.line('\nThe operations, as `npm run test-sync-api` calls them');
  const usual = await runOperations(OPERATIONS, session(), screen);
  await untilNothingRuns(demo);

  reportRun(first, screen);
  reportRun(second, screen);
  reportNotes(second, changes, screen);
  const failed = further + usual;
  return [
    ...problemsOf(first, second, changes),
    ...unmended,
    ...(failed > 0 ? [`${failed} operations did not answer as they should`] : []),
  ];
}

/** The schedule's pass has handed runs to a worker. */
async function untilNothingRuns({ client, screen }: Demo): Promise<void> {
  const until = Date.now() + WORKER_MS;
  while (Date.now() < until) {
    const { jobs } = promised(activeJobs, await expectAnswer(client, 'sync-status', {}));
    if (jobs.length === 0) return;
    screen.progress(`  a worker syncs ${jobs.map(({ tableId }) => tableId).join(', ')} …`);
    await delay(POLL_MS);
  }
  throw new Failure('The run that the schedule started does not end');
}

function conclude(problems: readonly string[], seconds: number, screen: Screen): void {
  screen.line();
  if (problems.length === 0) {
    screen.line(`Done in ${seconds} s: both sides are equal, and every row read is accounted for.`);
    screen.line('Next: `npm run dev` keeps these parts running and shows how to call them;');
    screen.line('README.md tells how to connect a real tenant and MongoDB Atlas.');
    return;
  }
  screen.line(`✗ Not as it should be, after ${seconds} s:`);
  for (const problem of problems.slice(0, SHOWN_PROBLEMS)) screen.line(`  ${problem}`);
}

function showLog(printed: readonly string[], screen: Screen): void {
  if (printed.length > 0) screen.line('The functions printed last:');
  for (const line of printed.slice(-LOG_LINES)) screen.line(`  ${line}`);
}
