import { answerParent } from './child.js';
import type { Place } from './settings.js';
import { openSync, type Run } from './sync-runs.js';

export interface SlicedInput extends Place {
  readonly sliceMs: number;
}

/** A first full run in many short slices. */
async function measure({ sliceMs, ...place }: SlicedInput): Promise<Run> {
  const sync = await openSync(place);
  const run = await sync.run('full', { sliceMs });
  await sync.close();
  return run;
}

await answerParent(measure);
