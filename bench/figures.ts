import type { MeasuredFunctions } from './functions.js';
import type { LongRun } from './long-run.js';
import type { MeasuredLooking } from './looking.js';
import type { MeasuredIndexes } from './profile.js';
import type { Reconciles } from './reconciles.js';
import type { Round } from './rounds.js';
import type { MeasuredRuntime } from './runtime.js';
import { type Spread, spreadOf } from './statistics.js';
import type { Spent } from './stopwatch.js';

export const MEGABYTE = 1_000_000;

/** What was measured, round by round. */
export interface Measured {
  readonly name: string;
  readonly what: string;
  readonly unit: 's' | 'MB' | 'ms';
  readonly value: Spread;
  /** Of the processor, by the measuring process, in seconds: the median. */
  readonly cpu?: number;
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
  const seconds = (name: string, what: string, spent: (round: Round) => Spent): Measured => ({
    name,
    what,
    unit: 's',
    value: spreadOf(rounds.map((round) => spent(round).ms / 1000)),
    cpu: spreadOf(rounds.map((round) => spent(round).cpuMs / 1000)).median,
  });
  return [
    seconds('q', "the lake's data query", ({ floors }) => floors.query),
    seconds('a', 'read floor: its pages, parsed', ({ floors }) => floors.read.spent),
    seconds('b', 'write floor: plain upserts, new', ({ floors }) => floors.write),
    seconds('b2', 'write floor: the same again', ({ floors }) => floors.rewrite),
    seconds('c', 'sync, first full run', ({ sync }) => sync.first.spent),
    seconds('c2', 'sync, the same in slices of 2 s', ({ sliced }) => sliced.spent),
    seconds('w1', 'slow lake, one worker', ({ workers }) => workers.one.reading),
    seconds('w2', 'slow lake, two workers', ({ workers }) => workers.two.reading),
    seconds('d', 'sync, full run, nothing changed', ({ sync }) => sync.again.spent),
    seconds('e', 'sync, incremental, 0.1 % edited', ({ sync }) => sync.changed.spent),
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
    figure('w2 : w1', '', ({ workers: { one, two } }) => two.reading.ms / one.reading.ms, 0.588),
  ];
}

export function longRunFigures({ run, peakBytes }: LongRun): Figure[] {
  const seconds = run.spent.ms / 1000;
  const figure = (name: string, unit: Figure['unit'], value: number) => ({
    name,
    unit,
    value: spreadOf([value]),
  });
  return [
    figure('seconds', '', seconds),
    figure('rows a second', '', run.stats.processedRecords / seconds),
    figure('slices', '', run.slices),
    { ...figure('memory above start', 'MB', peakBytes / MEGABYTE), limit: 200 },
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

export function runtimeFigures(measured: MeasuredRuntime): Figure[] {
  const { requestsPerSecond, bytesAtFirst, bytesAtLast } = measured;
  const figure = (name: string, unit: Figure['unit'], value: number, limit: number) => ({
    ...{ name, unit, limit },
    value: spreadOf([value]),
  });
  return [
    figure('ms between answers', '', 1000 / requestsPerSecond.median, 5),
    figure('memory that was added', 'MB', (bytesAtLast - bytesAtFirst) / MEGABYTE, 50),
  ];
}

/** Looking costs the same with a long history, and nobody in a crowd is turned away. */
export function lookingFigures({ looks, failures }: MeasuredLooking): Figure[] {
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return [
    ...looks.map(({ look, short, long }) => ({
      ...{ name: `${look}, long : short`, unit: '' as const },
      // What a filter matches is counted up to 10,000.
      ...(!look.includes('status=') && { limit: 1.5 }),
      value: spreadOf([long.median / short.median]),
    })),
    { name: 'failed answers', unit: '', value: spreadOf([failed]), limit: 0 },
  ];
}

/** One table with shared index times and one without: limits are of the ratio to its own full run. */
export function reconcileFigures(name: string, found: Reconciles): Figure[] {
  const { full, equal, byHand, repaired } = found;
  const rows = full.stats.processedRecords;
  const figure = (what: string, unit: Figure['unit'], value: number, limit?: number) => ({
    ...{ name: `${name}: ${what}`, unit, value: spreadOf([value]) },
    ...(limit !== undefined && { limit }),
  });
  const percentOfFull = ({ spent }: { spent: Spent }) => (100 * spent.ms) / full.spent.ms;
  const limit = name === 'batched' ? 10 : 35;
  return [
    figure('equal : full run', '%', percentOfFull(equal.run), limit),
    figure('equal : by hand', '', equal.run.spent.ms / byHand.spent.ms, 1),
    figure('equal, memory', 'MB', equal.peakBytes / MEGABYTE, 200),
    figure('repair : full run', '%', percentOfFull(repaired.run)),
    figure('repair, memory', 'MB', repaired.peakBytes / MEGABYTE, 200),
    // Of a small table a hundred rows are more than that.
    figure(
      'repair, rows read in full',
      '%',
      (100 * repaired.fullRows) / rows,
      rows >= 1_000_000 ? 0.1 : undefined,
    ),
  ];
}

/** A limit only for the whole profile of the table whose rows were asked for; the others have too few. */
export function profileFigures(measured: readonly MeasuredIndexes[]): Figure[] {
  return measured.flatMap(({ tableId, indexes, first, again }) => {
    const name = `${tableId}, ${indexes}`;
    const limit = tableId === 'taskdetail' && indexes === 'all' ? { limit: 1.6 } : {};
    return [
      { name: `${name} : without, first full run`, unit: '' as const, value: first, ...limit },
      { name: `${name} : without, nothing changed`, unit: '' as const, value: again },
    ];
  });
}

export const isMet = ({ value, limit }: Figure): boolean =>
  limit === undefined || value.median <= limit;

const queryMs = ({ floors }: Round) => floors.query.ms;
const a = ({ floors }: Round) => floors.read.spent.ms;
const b = ({ floors }: Round) => floors.write.ms;
const b2 = ({ floors }: Round) => floors.rewrite.ms;
const c = ({ sync }: Round) => sync.first.spent.ms;
const c2 = ({ sliced }: Round) => sliced.spent.ms;
const d = ({ sync }: Round) => sync.again.spent.ms;
const e = ({ sync }: Round) => sync.changed.spent.ms;
const f = ({ sync }: Round) => sync.peakBytes / MEGABYTE;
