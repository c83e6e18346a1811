import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Rows of TASKDETAIL. */
  readonly rows: number;
}

export const DEMO_HELP = `Starts MongoDB, a stand-in for Infor's lake and Netlify's local runtime, syncs all five tables,
changes rows in the lake, syncs again, and compares both sides value by value. Then reconciles find and
mend what was tampered with and a delete without a delete flag, and hold a mass delete.

  npm run demo -- [--rows N]

  --rows   rows of TASKDETAIL, the other tables in proportion; default 22000`;

const FEWEST_ROWS = 100;

/** @throws Error for an argument that it does not know */
export function demoOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '22000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const rows = Number(values.rows);
  if (Number.isInteger(rows) && rows >= FEWEST_ROWS) return { rows };
  throw new Error(`--rows takes a whole number from ${FEWEST_ROWS} on.`);
}
