/** `npm run dev`: the whole backend on this machine, until Ctrl-C. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type LocalBackend, Stopped, serve } from './serve/index.js';

const HELP = `Keeps MongoDB, a stand-in for Infor's lake and Netlify's local runtime running.

  npm run dev -- [--port N] [--lake-port N] [--rows N]

  --port       of the site; default 8888
  --lake-port  of the lake; default 4600
  --rows       rows of TASKDETAIL, the other tables in proportion; default 22000
  LOG_LEVEL    what the functions log: debug, info (default), warn, error`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8888' },
    'lake-port': { type: 'string', default: '4600' },
    rows: { type: 'string', default: '22000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function wholeNumber(flag: 'port' | 'lake-port' | 'rows'): number {
  const value = Number(values[flag]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${flag} takes a whole number.`);
}

function guide({ url, token, lake, mongodbUri }: LocalBackend): string {
  return `
Site     ${url}; functions under /.netlify/functions/ and /api/
Token    ${token} (of use on this machine only)
MongoDB  ${mongodbUri}
Lake     ${lake.url}

Create the configurations, sync a table, look at its job (the first call of a function takes
some seconds, in which it is built):

  api=${url}/api
  auth='Authorization: Bearer ${token}'
  json='Content-Type: application/json'
  curl -X POST "$api/init-sync-config" -H "$auth" -H "$json" -d '{}'
  curl -X POST "$api/sync-table" -H "$auth" -H "$json" -d '{"tableId": "taskdetail"}'
  curl "$api/sync-status?jobId=JOB_ID" -H "$auth"

Change rows in the lake, then sync again. Its clock stands still until it is moved:

  lake=${lake.url}/_control
  curl "$lake/advance" -d '[7200000]'
  curl "$lake/edit" -d '["CSWMS_wmwhse_TASKDETAIL", {"STATUS": "0"}, {"STATUS": "9"}]'
  curl "$lake/delete" -d '["CSWMS_wmwhse_TASKDETAIL", {"TASKDETAILKEY": "0000000001"}]'

Or all operations at once: API_TOKEN=${token} \\
  npm run test-sync-api -- --url ${url}

Ctrl-C ends everything, the data included. What the functions log:
`;
}

async function run(): Promise<void> {
  const backend = await serve({
    rows: wholeNumber('rows'),
    port: wholeNumber('port'),
    lakePort: wholeNumber('lake-port'),
    logLevel: process.env.LOG_LEVEL || 'info',
    log: (line) => console.log(line),
    onWait: (line) => console.log(line),
    onPart: (part, description) => console.log(`✓ ${part}: ${description}`),
  });
  try {
    console.log(guide(backend));
    if (!backend.stopped.aborted) await once(backend.stopped, 'abort');
  } finally {
    await backend.close();
  }
}

try {
  if (values.help) console.log(HELP);
  else await run();
  process.exit(0);
} catch (error) {
  if (error instanceof Stopped) process.exit(error.status);
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
