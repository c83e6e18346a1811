import { type Figure, isMet, MEGABYTE, type Measured } from './figures.js';
import type { MeasuredFunctions } from './functions.js';
import type { MeasuredLooking } from './looking.js';
import { DIFFERENCES, type MeasuredReconcile, type Reconciles } from './reconciles.js';
import type { MeasuredRuntime } from './runtime.js';
import type { Spread } from './statistics.js';
import type { Spent } from './stopwatch.js';

/** The measured values as lines: name, what it is, median, spread, processor time. */
export function measuredTable(measured: readonly Measured[]): string {
  return table(
    measured.map(({ name, what, unit, value, cpu }) => [
      name,
      what,
      ...spread(value, unit === 's' ? 2 : 0, unit),
      cpu === undefined ? '' : `cpu ${cpu.toFixed(2)} s`,
    ]),
  );
}

/** What is expected, and whether it is met. */
export function figureTable(figures: readonly Figure[]): string {
  return table(
    figures.map((figure) => {
      const { name, unit, value, limit } = figure;
      const digits = unit === 'MB' ? 1 : 2;
      const expected = limit === undefined ? '' : `${isMet(figure) ? '✓' : '✗'} ≤ ${limit} ${unit}`;
      return [name, ...spread(value, digits, unit), expected];
    }),
  );
}

export function functionTable({ mongooseMs, functions }: MeasuredFunctions): string {
  const heaviestFirst = [...functions].sort((x, y) => y.importMs.median - x.importMs.median);
  return table([
    ['mongoose alone', ...spread(mongooseMs, 0, 'ms'), ''],
    ...heaviestFirst.map(({ name, zipBytes, importMs }) => [
      name,
      ...spread(importMs, 0, 'ms'),
      `${(zipBytes / MEGABYTE).toFixed(2)} MB zipped`,
    ]),
  ]);
}

/** One line a value. */
export function runtimeText(measured: MeasuredRuntime): string {
  const { connections, requestsPerSecond, answerMs, bytesAtFirst, bytesAtLast } = measured;
  const megabytes = (bytes: number) => `${Math.round(bytes / MEGABYTE)} MB`;
  return table([
    ['connections at a time', `${connections}`],
    ['requests per second', ...spread(requestsPerSecond, 0, '')],
    ['time per answer', ...spread(answerMs, 0, 'ms')],
    ['memory after the first round', megabytes(bytesAtFirst)],
    ['memory after the last round', megabytes(bytesAtLast)],
  ]);
}

export function lookingText({ looks, firstMs, answers, failures }: MeasuredLooking): string {
  return table([
    ...looks.flatMap(({ look, short, long }) => [
      [look, 'short', ...spread(short, 1, 'ms')],
      ['', 'long', ...spread(long, 1, 'ms')],
    ]),
    ['first statistics without totals', '', `${Math.round(firstMs)} ms`],
    ['answers to 100 connections in 20 s', '', `${answers}`],
    ...Object.entries(failures).map(([what, count]) => [what, '', `${count}`]),
  ]);
}

/** What each reconcile took, beside a full run and a comparison by hand. */
export function reconcileText({ full, equal, byHand, repaired }: Reconciles): string {
  const time = ({ ms, cpuMs }: Spent) => [
    `${(ms / 1000).toFixed(2)} s`,
    `cpu ${(cpuMs / 1000).toFixed(2)} s`,
  ];
  const memory = (bytes: number) => `${Math.round(bytes / MEGABYTE)} MB`;
  const reconcile = (what: string, { run, peakBytes, queries, fullRows }: MeasuredReconcile) => [
    what,
    ...time(run.spent),
    memory(peakBytes),
    `${queries} queries, ${fullRows.toLocaleString('en')} rows in full`,
  ];
  return table([
    ['first full run', ...time(full.spent)],
    reconcile('reconcile, equal', equal),
    ['compared by hand', ...time(byHand.spent), memory(byHand.peakBytes)],
    reconcile(`reconcile, ${DIFFERENCES} repaired`, repaired),
  ]);
}

function spread({ median, min, max }: Spread, digits: number, unit: string): string[] {
  const shown = `${median.toFixed(digits)} ${unit}`;
  return [shown, min === max ? '' : `(${min.toFixed(digits)}–${max.toFixed(digits)})`];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
