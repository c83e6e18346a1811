import type { mongo, Types } from 'mongoose';
import { expect } from 'vitest';
import type { Variation } from '../../dev/lake/index.js';
import { defaultSettings, newConfig } from '../../src/api/config-document.js';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { SyncHistory } from '../../src/models/sync-history.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import type { Sizes } from '../../src/sync/context.js';
import { type Backend, startBackend } from '../support/backend.js';
import type { History } from './commands.js';
import { Coverage } from './coverage.js';
import { SUBJECTS, type Subject } from './subjects.js';

const DAY_MS = 86_400_000;
const LARGE: Sizes = { segment: 100_000, query: 20_000_000 };
/** Several segments and queries for a handful of rows. */
const SMALL: Sizes = { segment: 4, query: 9 };

const LAKE_SETTINGS = {
  microseconds: false,
  shuffled: false,
  pageLatencyMs: 0,
  maxPageRows: 100_000,
};

/** Functions, database and lake that one history after another is played on. */
export interface Stage {
  readonly backend: Backend;
  readonly coverage: Coverage;
  /** Empties everything that the history before has left. */
  clear(history: History): Promise<Scene>;
}

/** What one history has before it: its table, and a look at what is stored of it. */
export interface Scene {
  readonly backend: Backend;
  readonly coverage: Coverage;
  readonly subject: Subject;
  config(): Promise<mongo.WithId<SyncConfig>>;
  job(id: Types.ObjectId): Promise<SyncJob>;
  activeJob(): Promise<SyncJob | null>;
  historyOf(job: SyncJob): Promise<SyncHistory[]>;
  documents(): Promise<mongo.Document[]>;
  variations(): Promise<Variation[]>;
}

export async function openStage(): Promise<Stage> {
  const sizes = { ...LARGE };
  const objects = SUBJECTS.map(({ object }) => object);
  const backend = await startBackend(
    // Every history moves the clock on by days: it must not overtake MongoDB's.
    { rows: 0, objects, now: '2000-01-15T08:00:00.000Z' },
    {},
    {
      lakePolicy: { attempts: 6, baseMs: 1, capMs: 5 },
      quotaMinuteMs: 1,
      emptyPagePauseMs: 1,
      sizes,
    },
  );
  await backend.call('init-sync-config', { body: {} });
  const coverage = new Coverage();
  return {
    backend,
    coverage,
    async clear({ tableId, lookback, smallSizes }) {
      const subject = SUBJECTS.find(({ table }) => table.tableId === tableId);
      if (!subject) throw new Error(`There are no histories of ${tableId}.`);
      Object.assign(sizes, smallSizes ? SMALL : LARGE);
      const { db, lake } = backend;
      lake.clearFaults();
      lake.clearRequests();
      lake.configure(LAKE_SETTINGS);
      lake.advance(DAY_MS);
      const settings = { ...defaultSettings(subject.table), lookbackMinutes: lookback };
      await Promise.all([
        lake.defineObject(subject.object),
        db.collection(subject.table.collection).deleteMany({}),
        db.collection('syncjobs').deleteMany({}),
        db.collection('synchistories').deleteMany({}),
        db.collection('syncconfigs').replaceOne({ tableId }, newConfig(settings)),
      ]);
      return scene(backend, coverage, subject);
    },
  };
}

function scene(backend: Backend, coverage: Coverage, subject: Subject): Scene {
  const { db, lake } = backend;
  const { tableId, collection } = subject.table;
  const jobs = db.collection<SyncJob>('syncjobs');
  return {
    backend,
    coverage,
    subject,
    async config() {
      const config = await db.collection<SyncConfig>('syncconfigs').findOne({ tableId });
      if (!config) throw new Error('the configuration is gone');
      return config;
    },
    async job(_id) {
      const job = await jobs.findOne({ _id });
      if (!job) throw new Error(`the job ${String(_id)} is gone`);
      return job;
    },
    async activeJob() {
      const active = await jobs.find({ tableId, active: true }).toArray();
      expect(active.length, 'a table has one run at a time').toBeLessThan(2);
      return active[0] ?? null;
    },
    historyOf: ({ _id }) =>
      db
        .collection<SyncHistory>('synchistories')
        .find({ syncJobId: String(_id) })
        .toArray(),
    documents: () => db.collection(collection).find({}).toArray(),
    variations: () => lake.variations(subject.object.name),
  };
}
