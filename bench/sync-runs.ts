import { mongo } from 'mongoose';
import { defaultSettings, newConfig } from '../src/api/config-document.js';
import { createApp } from '../src/app.js';
import type { Reconcile } from '../src/models/reconcile.js';
import type { JobStats, SyncJob, SyncMode } from '../src/models/sync-job.js';
import { native } from '../src/store/driver/native.js';
import { ensureAllIndexes } from '../src/store/indexes.js';
import { ensureQueryIndex } from '../src/store/query-indexes.js';
import { advance } from '../src/sync/advance.js';
import { SIZES, type Sizes } from '../src/sync/context.js';
import { startJob } from '../src/sync/start.js';
import type { QueryIndex } from '../src/tables/query-index.js';
import type { TableDefinition } from '../src/tables/table.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { environmentOf, type Place } from './settings.js';
import { type Spent, stopwatch } from './stopwatch.js';

export interface Run {
  readonly spent: Spent;
  /** Of that, since the query had ended. */
  readonly reading: Spent;
  readonly slices: number;
  readonly stats: JobStats;
  /** Of a reconcile: what it has found. */
  readonly reconcile?: Reconcile['result'];
}

interface RunOptions {
  /** Default: as long as it takes. */
  readonly sliceMs?: number;
  /** Workers at a time, all in this process. Default 1. */
  readonly workers?: number;
  /** Of a page; default: the configuration's. */
  readonly batchSize?: number;
  /** Of the run; default: all. */
  readonly maxRecords?: number;
  /** Of a reconcile: differences are mended. */
  readonly repair?: boolean;
}

export interface SyncRuns {
  /**
   * Runs the table to its end.
   * @throws Error if it doesn't end complete
   */
  run(mode: SyncMode | 'reconcile', options?: RunOptions): Promise<Run>;
  /** @param keep the database stays for another process */
  close(keep?: 'keep'): Promise<void>;
}

const FAR_MS = 3_600_000;
/** `partial`: it was to read so many rows only; `nothing_new`: of a reconcile, which compares all the same. */
const GOOD: readonly string[] = ['complete', 'partial', 'nothing_new'];

interface SyncOptions {
  readonly sizes?: Sizes;
  /** Default: TASKDETAIL. */
  readonly table?: TableDefinition;
  /** Of the profile `wms`: those for which it says true. */
  readonly hasIndex?: (index: QueryIndex) => boolean;
}

/** The sync over a database that is set up as a deploy sets it up. */
export async function openSync(
  place: Place,
  { sizes = SIZES, table = taskdetail, hasIndex = () => false }: SyncOptions = {},
): Promise<SyncRuns> {
  const { tableId, queryIndexes = [] } = table;
  const environment = environmentOf(place);
  const app = createApp(environment, { sizes });
  const context = await app.sync();
  const { clock } = context;
  const models = await app.models();
  await ensureAllIndexes(models, [tableId], { clock });
  for (const index of queryIndexes.filter(hasIndex)) {
    await ensureQueryIndex(models.rows(tableId), index, { clock });
  }
  // Another process may have made it.
  const config = { $setOnInsert: newConfig(defaultSettings(table)) };
  await native(models.configs).updateOne({ tableId }, config, { upsert: true });

  return {
    async run(mode, { sliceMs = FAR_MS, workers = 1, ...limits } = {}) {
      const elapsed = stopwatch();
      let slices = 0;
      const { _id } = await startJob(context, { tableId, mode, ...limits }, 'api');
      const work = async (onReading?: () => Promise<void>): Promise<SyncJob> => {
        for (;;) {
          slices++;
          const until = clock.now() + sliceMs;
          const { state, job } = await advance(context, _id, until, onReading && { onReading });
          if (state !== 'more') return job;
        }
      };
      const others: Promise<SyncJob>[] = [];
      let sinceQuery = elapsed;
      const first = await work(async () => {
        sinceQuery = stopwatch();
        while (others.length < workers - 1) others.push(work());
      });
      const ended = [first, ...(await Promise.all(others))].find(({ active }) => !active);
      const [spent, reading] = [elapsed(), sinceQuery()];
      if (!ended?.outcome || !GOOD.includes(ended.outcome)) {
        throw new Error(`A run ended ${ended?.outcome}: ${JSON.stringify(ended?.error)}`);
      }
      const { stats, reconcile } = ended;
      return { spent, reading, slices, stats, ...(reconcile && { reconcile: reconcile.result }) };
    },
    async close(keep) {
      await app.close();
      if (keep) return;
      // By a client of its own: to drop a large database takes longer than a function waits.
      const client = await mongo.MongoClient.connect(environment.MONGODB_URI);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}
