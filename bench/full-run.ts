import { createRegistry, TABLES } from '../src/tables/registry.js';
import { answerParent } from './child.js';
import type { Place } from './settings.js';
import type { Spent } from './stopwatch.js';
import { openSync } from './sync-runs.js';

export interface FullRunInput extends Place {
  readonly tableId: string;
  /** Names of the indexes of the profile `wms` that exist. */
  readonly indexes: readonly string[];
}

export interface FullRun {
  readonly first: Spent;
  /** Over the same rows: nothing is written. */
  readonly again: Spent;
}

/** A first full run of a table with some indexes for readers, and one over the same rows. */
async function measure({ tableId, indexes, ...place }: FullRunInput): Promise<FullRun> {
  const table = createRegistry(TABLES).get(tableId);
  const hasIndex = ({ name }: { name: string }) => indexes.includes(name);
  const sync = await openSync(place, { table, hasIndex });
  const first = await sync.run('full');
  const again = await sync.run('full');
  await sync.close();
  return { first: first.spent, again: again.spent };
}

await answerParent(measure);
