import type { Fault, Lake } from '../../dev/lake/index.js';

/**
 * Pages come empty, short, or a second time instead of the next one, and a whole result is lost.
 * A page of the other worker's can't be told from one's own before the end, and then everything is
 * read again, which is done once: a run gets one such page at most. A page that is empty twice in a
 * row would be another reason to read everything again: these come far apart.
 */
const FAULTS: readonly Fault[] = [
  { kind: 'emptyPage', every: 13, times: 4 },
  { kind: 'shortPage', every: 9 },
  { kind: 'repeatedPage', rate: 0.02, times: 1 },
  { kind: 'lostResult', rate: 0.01, times: 2 },
];

/** For the run that comes next, instead of what was planned for the one before. */
export function spoilPages(lake: Lake): void {
  lake.clearFaults();
  for (const fault of FAULTS) lake.fault({ ...fault, seed: Math.floor(Math.random() * 1_000) });
}
