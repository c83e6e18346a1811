import { parseArgs } from 'node:util';

export interface Options {
  /** Rows of TASKDETAIL in the lake. */
  readonly rows: number;
  /** How often everything is measured; medians are shown. */
  readonly rounds: number;
  /** Where the figures go as JSON; nowhere if left out. */
  readonly json: string | undefined;
  /** One part alone; `long` is the only one that is not measured otherwise. */
  readonly only: Part | undefined;
}

const PARTS = ['sync', 'functions', 'runtime', 'looking', 'reconcile', 'profile', 'long'] as const;
type Part = (typeof PARTS)[number];

/** `--rows 100000 --rounds 5 --json FILE --only sync|functions|runtime|looking|reconcile|profile|long`. @throws Error naming the flag */
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
  const only = PARTS.find((part) => part === values.only);
  if (values.only !== undefined && !only) throw new Error(`--only takes ${PARTS.join(' or ')}.`);
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
