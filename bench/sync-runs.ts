import { defaultSettings, newConfig } from '../src/api/config-document.js';
import { createApp } from '../src/app.js';
import { ensureAllIndexes } from '../src/db/indexes.js';
import { native } from '../src/db/native.js';
import type { JobStats, SyncMode } from '../src/models/sync-job.js';
import { advance } from '../src/sync/advance.js';
import { startJob } from '../src/sync/start.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { environmentOf, type Place } from './settings.js';
import { type Spent, stopwatch } from './stopwatch.js';

export interface Run {
  readonly spent: Spent;
  readonly slices: number;
  readonly stats: JobStats;
}

export interface SyncRuns {
  /**
   * Runs the table to its end, in slices of `sliceMs`.
   * @throws Error if it doesn't end complete
   */
  run(mode: SyncMode, sliceMs?: number): Promise<Run>;
  close(): Promise<void>;
}

const TABLE_ID = taskdetail.tableId;
const FAR_MS = 3_600_000;

/** The sync over a database that is set up as a deploy sets it up. */
export async function openSync(place: Place): Promise<SyncRuns> {
  const app = createApp(environmentOf(place));
  const context = await app.sync();
  const { models, clock } = context;
  await ensureAllIndexes(models, [TABLE_ID], { clock });
  await native(models.configs).insertOne(newConfig(defaultSettings(taskdetail)));

  return {
    async run(mode, sliceMs = FAR_MS) {
      const elapsed = stopwatch();
      let slices = 0;
      const { _id } = await startJob(context, { tableId: TABLE_ID, mode }, 'api');
      for (;;) {
        slices++;
        const { state, job } = await advance(context, _id, clock.now() + sliceMs);
        if (state === 'more') continue;
        const spent = elapsed();
        if (job.outcome !== 'complete') throw new Error(`A run ended ${job.outcome}.`);
        return { spent, slices, stats: job.stats };
      }
    },
    async close() {
      await models.configs.db.dropDatabase();
      await app.close();
    },
  };
}
