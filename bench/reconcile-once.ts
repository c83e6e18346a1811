import { answerParent } from './child.js';
import type { Place } from './settings.js';
import { openSync, type Run } from './sync-runs.js';

export interface ReconcileInput extends Place {
  readonly repair: boolean;
}

export interface ReconcileOnce {
  readonly run: Run;
  /** Memory that the run took at its peak, above what the process had at its start. */
  readonly peakBytes: number;
}

/** One reconcile of a table that an earlier process has synced. */
async function measure({ repair, ...place }: ReconcileInput): Promise<ReconcileOnce> {
  const atStart = process.memoryUsage.rss();
  const sync = await openSync(place);
  const run = await sync.run('reconcile', { repair });
  const peakBytes = process.resourceUsage().maxRSS * 1024 - atStart;
  await sync.close('keep');
  return { run, peakBytes };
}

await answerParent(measure);
