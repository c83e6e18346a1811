import { spawnSync } from 'node:child_process';

/** One family of an OpenMetrics text. */
export interface Family {
  readonly type: string;
  readonly unit?: string;
  readonly help: string;
  /** By name and labels, as they stand in the text. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = '[a-zA-Z_][a-zA-Z0-9_]*';
const LABELS = `\\{${NAME}="(?:[^"\\\\\\n]|\\\\["\\\\n])*"(?:,${NAME}="(?:[^"\\\\\\n]|\\\\["\\\\n])*")*\\}`;
const SAMPLE = new RegExp(`^(${NAME})(${LABELS})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`);
const META = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.+)$`);

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  summary: ['_sum', '_count'],
};

type Draft = Record<'TYPE' | 'UNIT' | 'HELP', string | undefined> & {
  samples: Map<string, number>;
};

/**
 * Reads an OpenMetrics text, by the rules of its specification that concern the types used here.
 * @throws Error where one of them is broken
 */
export function parseOpenMetrics(text: string): ReadonlyMap<string, Family> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== '# EOF') throw new Error('It does not end with # EOF.');
  const drafts = new Map<string, Draft>();
  let present = '';
  for (const line of lines) {
    const [, kind, name = '', value = ''] = META.exec(line) ?? [];
    if (kind) {
      const draft = drafts.get(name) ?? blank();
      if (name !== present && drafts.has(name)) throw new Error(`${name} is interrupted.`);
      const place = kind as 'TYPE' | 'UNIT' | 'HELP';
      if (draft[place] !== undefined || draft.samples.size > 0) throw new Error(`Late: ${line}`);
      draft[place] = value;
      drafts.set(name, draft);
      present = name;
    } else addSample(drafts.get(present) ?? blank(), present, line);
  }
  return new Map([...drafts].map(([name, draft]) => [name, familyOf(name, draft)]));
}

function addSample({ TYPE = '', samples }: Draft, family: string, line: string): void {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  const isItsOwn = SUFFIXES[TYPE]?.some((suffix) => name === `${family}${suffix}`);
  if (!isItsOwn) throw new Error(`No sample of ${family}: ${line}`);
  if (samples.has(`${name}${labels}`)) throw new Error(`Twice: ${line}`);
  const isGauge = TYPE === 'gauge';
  if (!isGauge && Number(value) < 0) throw new Error(`Below 0: ${line}`);
  samples.set(`${name}${labels}`, Number(value));
}

function familyOf(name: string, { TYPE, UNIT, HELP, samples }: Draft): Family {
  if (TYPE === undefined || HELP === undefined) throw new Error(`${name} has no TYPE or no HELP.`);
  if (UNIT !== undefined && !name.endsWith(`_${UNIT}`)) throw new Error(`${name} is in ${UNIT}.`);
  return { type: TYPE, ...(UNIT !== undefined && { unit: UNIT }), help: HELP, samples };
}

const blank = (): Draft => ({
  ...{ TYPE: undefined, UNIT: undefined, HELP: undefined },
  samples: new Map(),
});

const PYTHONS = [process.env.OPENMETRICS_PYTHON, '.venv/bin/python', 'python3'];

/** A Python that has the official parser; undefined: there is none here. */
export function findPython(): string | undefined {
  const imports = ['-c', 'import prometheus_client.openmetrics.parser'];
  return PYTHONS.find((python) => python && spawnSync(python, imports).status === 0);
}

const PROGRAM = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.read()):
    print(family.name)
`;

/** The families that the official parser finds. @throws Error with its message */
export function parseByPython(python: string, text: string): string[] {
  const { status, stdout, stderr } = spawnSync(python, ['-c', PROGRAM], {
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split('\n');
}
