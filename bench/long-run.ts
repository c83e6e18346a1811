import { answerParent } from './child.js';
import type { Place } from './settings.js';
import { openSync, type Run } from './sync-runs.js';

export interface LongRun {
  readonly run: Run;
  /** Memory that the run took at its peak, above what the process had at its start. */
  readonly peakBytes: number;
}

/** As long as a background worker works before it starts its successor. */
const SLICE_MS = 13 * 60_000;

/** A first full run of the whole table, in the slices of a worker. */
async function measure(place: Place): Promise<LongRun> {
  const atStart = process.memoryUsage.rss();
  const sync = await openSync(place);
  const run = await sync.run('full', { sliceMs: SLICE_MS });
  const peakBytes = process.resourceUsage().maxRSS * 1024 - atStart;
  await sync.close();
  return { run, peakBytes };
}

await answerParent(measure);
