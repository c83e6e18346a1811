import { parseArgs } from 'node:util';
import { type ApiClient, createClient } from './client.js';
import { Failure } from './failure.js';
import type { FollowOptions } from './follow.js';
import { OPERATIONS } from './operations.js';
import { runOperations } from './run-operations.js';
import type { Screen } from './screen.js';

const HELP = `Calls the operations of a deployment and says what each one answers; names the tables whose
start is refused or overdue, and what deep health finds.

  npm run test-sync-api -- --url https://site.example [--token T] [--table ID] [--wait SECONDS]

  --url    the site; with a path, where the functions are elsewhere than under it
  --token  API_TOKEN of the site; better given as the variable API_TOKEN, which no
           list of processes shows
  --table  the table whose sync is started; default: the first enabled one
  --wait   how long the started run may take, in seconds; default 900

It changes no setting: init is sent without force and only adds configurations that are missing;
the updates of a configuration and of a history entry write back what was read. It starts one incremental sync, and what is due by the
schedule. Exit code 0: all answered well.`;

const OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  table: { type: 'string' },
  wait: { type: 'string', default: '900' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const POLL_MS = 1_000;

/** @returns the exit code */
export async function testSyncApi(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  screen: Screen,
): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) {
      screen.line(HELP);
      return 0;
    }
    if (!values.url) throw new Failure('--url is missing: see --help');
    const limitMs = seconds(values.wait) * 1_000;
    const client = createClient({ url: values.url, token: values.token ?? env.API_TOKEN });
    return await run(client, values.table, limitMs, screen);
  } catch (error) {
    screen.line(error instanceof Error ? error.message : String(error));
    if (error instanceof Failure && error.remedy) screen.line(`→ ${error.remedy}`);
    return 1;
  }
}

async function run(
  client: ApiClient,
  tableId: string | undefined,
  limitMs: number,
  screen: Screen,
): Promise<number> {
  screen.line(`The operations of ${client.url}\n`);
  const follow: FollowOptions = {
    pollMs: POLL_MS,
    limitMs,
    onProgress: ({ stats: { processedRecords: done, totalRecords: all } }) => {
      screen.progress(`  ${done.toLocaleString('en')} of ${all.toLocaleString('en')} rows`);
    },
  };
  const failed = await runOperations(OPERATIONS, { client, tableId, follow, notes: [] }, screen);
  screen.line(
    failed === 0 ? '\nAll is well.' : `\n${failed} of ${OPERATIONS.length} not as they should.`,
  );
  return failed === 0 ? 0 : 1;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Failure('--wait takes whole seconds');
  return value;
}
