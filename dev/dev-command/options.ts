import { parseArgs } from 'node:util';

export interface DevOptions {
  readonly port: number;
  readonly lakePort: number;
  /** Rows of TASKDETAIL in the lake. */
  readonly rows: number;
  /** Whether requests need no token. */
  readonly open: boolean;
  /** Whether the tables get something to see: rejects, differences, held deletes, a slow lake. */
  readonly story: boolean;
  /** Whether the log is JSON, a line at a time. */
  readonly json: boolean;
}

export const DEV_HELP = `Keeps MongoDB, a stand-in for Infor's lake and a local Netlify runtime running. Changes of the
source take effect with the next call.

  npm run dev -- [--port N] [--lake-port N] [--rows N] [--story] [--open] [--json]

  --port       of the site; default 8888, 0 for any free one
  --lake-port  of the lake; default 4600, 0 for any free one
  --rows       rows of TASKDETAIL, the other tables in proportion; default 22000
  --story      with runs, rejects, differences and held deletes to see, and a slow lake
  --open       requests need no token, for a frontend that sends none: on this machine only
  --json       the log as JSON lines on standard output; all else goes to standard error
  LOG_LEVEL    what the functions log: debug, info (default), warn, error`;

export const HIGHEST_PORT = 65_535;

/** @throws Error for an argument that it does not know */
export function devOptions(args: readonly string[]): DevOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8888' },
      'lake-port': { type: 'string', default: '4600' },
      rows: { type: 'string', default: '22000' },
      open: { type: 'boolean', default: false },
      story: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    port: wholeNumber('port', values.port, HIGHEST_PORT),
    lakePort: wholeNumber('lake-port', values['lake-port'], HIGHEST_PORT),
    rows: wholeNumber('rows', values.rows, Number.MAX_SAFE_INTEGER),
    open: values.open,
    story: values.story,
    json: values.json,
  };
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  const limit = most === HIGHEST_PORT ? ` up to ${most}` : '';
  throw new Error(`--${flag} takes a whole number${limit}.`);
}
