import { TABLES } from '../src/tables/registry.js';
import { inChild } from './child.js';
import type { FullRun, FullRunInput } from './full-run.js';
import type { Place } from './settings.js';
import { type Spread, spreadOf } from './statistics.js';

/** What the indexes of the profile `wms` cost, as ratios to a full run without them. */
export interface MeasuredIndexes {
  readonly tableId: string;
  /** `all`, or the name of the only index. */
  readonly indexes: string;
  readonly first: Spread;
  readonly again: Spread;
}

/** Node's own choice on a machine of 1 GB, as a function has. */
const FUNCTION_HEAP_MB = 512;

/**
 * Full runs of each table with all indexes of the profile, and with each one alone. Ratios are taken
 * within one round, to a run without them just before; small tables say little.
 */
export async function measureProfile(
  lake: Omit<Place, 'database'>,
  rounds: number,
): Promise<MeasuredIndexes[]> {
  const measured: MeasuredIndexes[] = [];
  for (const { tableId, queryIndexes = [] } of TABLES) {
    const names = queryIndexes.map(({ name }) => name);
    const run = (indexes: readonly string[]) => {
      const input = { ...lake, database: 'bench_profile', tableId, indexes };
      return inChild<FullRunInput, FullRun>('full-run.ts', input, FUNCTION_HEAP_MB);
    };
    const cases = [names, ...names.map((name) => [name])];
    const found = cases.map(() => ({ first: [] as number[], again: [] as number[] }));
    for (let round = 1; round <= rounds; round++) {
      console.error(`Profile, ${tableId}, round ${round} of ${rounds} …`);
      const without = await run([]);
      for (const [at, indexes] of cases.entries()) {
        const { first, again } = await run(indexes);
        found[at]?.first.push(first.ms / without.first.ms);
        found[at]?.again.push(again.ms / without.again.ms);
      }
    }
    for (const [at, { first, again }] of found.entries()) {
      const indexes = at === 0 ? 'all' : (names[at - 1] ?? '');
      measured.push({ tableId, indexes, first: spreadOf(first), again: spreadOf(again) });
    }
  }
  return measured;
}
