import { connectLake } from '../dev/lake/index.js';
import { answerParent } from './child.js';
import type { Place } from './settings.js';
import { openSync, type Run } from './sync-runs.js';

export interface WorkersRound {
  readonly one: Run;
  readonly two: Run;
}

/** A lake that is slow to answer: what more workers are for. */
const PAGE_MS = 300;
const PAGE_ROWS = 500;
const ROWS = 20_000;
const SIZES = { segment: 2_500, query: 20_000_000 };

/** The same rows read by one worker, and by two that share out the segments. */
async function measure(place: Place): Promise<WorkersRound> {
  const lake = connectLake(place.lakeUrl);
  await lake.configure({ pageLatencyMs: PAGE_MS });
  const runBy = async (workers: number) => {
    const database = `${place.database}_${workers}`;
    const sync = await openSync({ ...place, database }, { sizes: SIZES });
    const run = await sync.run('full', { workers, batchSize: PAGE_ROWS, maxRecords: ROWS });
    await sync.close();
    return run;
  };
  const measured = { one: await runBy(1), two: await runBy(2) };
  await lake.configure({ pageLatencyMs: 0 });
  return measured;
}

await answerParent(measure);
