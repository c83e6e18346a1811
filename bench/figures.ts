import type { MeasuredFunctions } from './functions.js';
import type { Round } from './rounds.js';
import { type Spread, spreadOf } from './statistics.js';

export const MEGABYTE = 1_000_000;

/** What was measured, round by round. */
export interface Measured {
  readonly name: string;
  readonly what: string;
  readonly unit: 's' | 'MB' | 'ms';
  readonly value: Spread;
}

/** What is expected of it. */
export interface Figure {
  readonly name: string;
  readonly unit: '' | '%' | 'MB';
  readonly value: Spread;
  /** The most that it may be; a figure without one is for information. */
  readonly limit?: number;
}

export function measuredOf(rounds: readonly Round[]): Measured[] {
  const seconds = (name: string, what: string, ms: (round: Round) => number): Measured => ({
    name,
    what,
    unit: 's',
    value: spreadOf(rounds.map((round) => ms(round) / 1000)),
  });
  return [
    seconds('q', "the lake's data query", queryMs),
    seconds('a', 'read floor: its pages, parsed', a),
    seconds('b', 'write floor: plain upserts, new', b),
    seconds('b2', 'write floor: the same again', b2),
    seconds('c', 'sync, first full run', c),
    seconds('c2', 'sync, the same in slices of 2 s', c2),
    seconds('d', 'sync, full run, nothing changed', d),
    seconds('e', 'sync, incremental, 0.1 % edited', e),
    { name: 'f', what: "c's peak memory above start", unit: 'MB', value: spreadOf(rounds.map(f)) },
  ];
}

/** Each ratio is taken within its round, where both sides saw the same machine. */
export function syncFigures(rounds: readonly Round[]): Figure[] {
  const figure = (
    name: string,
    unit: Figure['unit'],
    value: (round: Round) => number,
    limit?: number,
  ): Figure => ({
    name,
    unit,
    value: spreadOf(rounds.map(value)),
    ...(limit !== undefined && { limit }),
  });
  return [
    figure('c : (a + b)', '', (r) => c(r) / (a(r) + b(r)), 1.15),
    figure('c : max(a, b)', '', (r) => c(r) / Math.max(a(r), b(r))),
    figure('c : (q + a + b)', '', (r) => c(r) / (queryMs(r) + a(r) + b(r))),
    figure('c2 : c', '', (r) => c2(r) / c(r), 1.1),
    figure('d : (a + b2)', '', (r) => d(r) / (a(r) + b2(r)), 1.2),
    figure('d : (q + a + b2)', '', (r) => d(r) / (queryMs(r) + a(r) + b2(r))),
    figure('e : c', '%', (r) => (100 * e(r)) / c(r), 5),
    figure('f', 'MB', f, 150),
  ];
}

export function functionFigures({ mongooseMs, functions }: MeasuredFunctions): Figure[] {
  const heaviest = Math.max(...functions.map(({ importMs }) => importMs.median));
  const zip = Math.max(...functions.map(({ zipBytes }) => zipBytes)) / MEGABYTE;
  return [
    {
      name: 'g, heaviest : mongoose',
      unit: '',
      value: spreadOf([heaviest / mongooseMs.median]),
      limit: 2.5,
    },
    { name: 'largest zip', unit: 'MB', value: spreadOf([zip]), limit: 3 },
  ];
}

export const isMet = ({ value, limit }: Figure): boolean =>
  limit === undefined || value.median <= limit;

const queryMs = ({ floors }: Round) => floors.queryMs;
const a = ({ floors }: Round) => floors.read.ms;
const b = ({ floors }: Round) => floors.writeMs;
const b2 = ({ floors }: Round) => floors.rewriteMs;
const c = ({ sync }: Round) => sync.first.ms;
const c2 = ({ sliced }: Round) => sliced.ms;
const d = ({ sync }: Round) => sync.again.ms;
const e = ({ sync }: Round) => sync.changed.ms;
const f = ({ sync }: Round) => sync.peakBytes / MEGABYTE;
