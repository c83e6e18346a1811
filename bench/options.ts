import { parseArgs } from 'node:util';

export interface Options {
  /** Rows of TASKDETAIL in the lake. */
  readonly rows: number;
  /** How often everything is measured; medians are shown. */
  readonly rounds: number;
  /** Where the figures go as JSON; nowhere if left out. */
  readonly json: string | undefined;
  /** One half of the bench alone. */
  readonly only: Half | undefined;
}

const HALVES = ['sync', 'functions'] as const;
type Half = (typeof HALVES)[number];

/** `--rows 100000 --rounds 5 --json FILE --only sync|functions`. @throws Error naming the flag */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const only = HALVES.find((half) => half === values.only);
  if (values.only !== undefined && !only) throw new Error(`--only takes ${HALVES.join(' or ')}.`);
  return {
    rows: count('rows', values.rows),
    rounds: count('rounds', values.rounds),
    json: values.json,
    only,
  };
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${flag} takes a whole number.`);
  return value;
}
