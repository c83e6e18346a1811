import { connectLake } from '../dev/lake/index.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { answerParent } from './child.js';
import type { Place } from './settings.js';
import { openSync, type Run } from './sync-runs.js';

export interface SyncRound {
  readonly first: Run;
  readonly again: Run;
  readonly changed: Run;
  /** Memory that the first run took at its peak, above what the process had at its start. */
  readonly peakBytes: number;
}

/** Later than the lookback, so that earlier changes are not read again. */
const PAUSE_MS = 2 * 3_600_000;
const ONE_IN_A_THOUSAND = 'SERIALKEY % 1000 = 500';

/** A first full run, one over the same rows, and one after an edit of 0.1 % of them. */
async function measure(place: Place): Promise<SyncRound> {
  const atStart = process.memoryUsage.rss();
  const sync = await openSync(place);
  const first = await sync.run('full');
  // The system's own high-water mark: nothing that a sample between two samples could miss.
  const peakBytes = process.resourceUsage().maxRSS * 1024 - atStart;
  const again = await sync.run('full');

  const lake = connectLake(place.lakeUrl);
  await lake.advance(PAUSE_MS);
  await lake.edit(taskdetail.object, ONE_IN_A_THOUSAND, { STATUS: 'X' });
  const changed = await sync.run('incremental');
  await sync.close();
  return { first, again, changed, peakBytes };
}

await answerParent(measure);
