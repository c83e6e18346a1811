import { defaultSettings } from '../src/api/config-document.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { inChild } from './child.js';
import type { Floors, FloorsInput } from './floors.js';
import type { LongRun } from './long-run.js';
import type { Place } from './settings.js';
import type { SlicedInput } from './sliced.js';
import type { SyncRound } from './sync.js';
import type { Run } from './sync-runs.js';
import type { WorkersRound } from './workers.js';

export interface Round {
  readonly floors: Floors;
  readonly sync: SyncRound;
  readonly sliced: Run;
  readonly workers: WorkersRound;
}

export const SLICE_MS = 2_000;
/** Node's own choice on a machine of 1 GB, as a function has: garbage must not count as need. */
const FUNCTION_HEAP_MB = 512;
/** The floors keep 100,000 documents ready. */
const FLOORS_HEAP_MB = 4_096;

/**
 * Measures everything once, each part in a fresh process and database. The order turns with
 * the rounds, so that what the machine does meanwhile doesn't always hit the same part.
 */
export async function measureRound(lake: Omit<Place, 'database'>, number: number): Promise<Round> {
  const place = (part: string): Place => ({ ...lake, database: `bench_${number}_${part}` });
  const pageRows = defaultSettings(taskdetail).batchSize;
  const parts = {
    floors: () =>
      inChild<FloorsInput, Floors>('floors.ts', { ...place('floors'), pageRows }, FLOORS_HEAP_MB),
    sync: () => inChild<Place, SyncRound>('sync.ts', place('sync'), FUNCTION_HEAP_MB),
    sliced: () =>
      inChild<SlicedInput, Run>(
        'sliced.ts',
        { ...place('sliced'), sliceMs: SLICE_MS },
        FUNCTION_HEAP_MB,
      ),
    workers: () => inChild<Place, WorkersRound>('workers.ts', place('workers'), FUNCTION_HEAP_MB),
  };
  const workers = await parts.workers();
  return number % 2 === 1
    ? {
        workers,
        floors: await parts.floors(),
        sync: await parts.sync(),
        sliced: await parts.sliced(),
      }
    : {
        workers,
        sliced: await parts.sliced(),
        sync: await parts.sync(),
        floors: await parts.floors(),
      };
}

/** One run, as long as it takes, and how much memory it takes. */
export function measureLongRun(lake: Omit<Place, 'database'>): Promise<LongRun> {
  const place = { ...lake, database: 'bench_long' };
  return inChild<Place, LongRun>('long-run.ts', place, FUNCTION_HEAP_MB);
}
