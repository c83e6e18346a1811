import type { mongo, Types } from 'mongoose';
import { afterAll, expect } from 'vitest';
import type { Variation } from '../../dev/lake/index.js';
import { defaultSettings, newConfig } from '../../src/api/config-document.js';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { SyncHistory } from '../../src/models/sync-history.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import type { Sizes } from '../../src/sync/context.js';
import { type Backend, startBackend } from '../support/backend.js';
import { Calls } from './calls.js';
import type { History } from './commands.js';
import { Coverage } from './coverage.js';
import { OrderDesk } from './order-desk.js';
import { Stranger } from './stranger.js';
import { SUBJECTS, type Subject } from './subjects.js';
import { Wms } from './wms.js';

/** A history moves the lake's clock on by days: from here it does not reach MongoDB's. */
const LONG_AGO = '2000-01-15T08:00:00.000Z';
const MINUTE_MS = 60_000;
const LARGE: Sizes = { segment: 100_000, query: 20_000_000 };
/** Several segments and queries for a handful of rows. */
const SMALL: Sizes = { segment: 4, query: 9 };

export const LAKE_SETTINGS = {
  microseconds: false,
  shuffled: false,
  pageLatencyMs: 0,
  maxPageRows: 100_000,
  pastEnd: 'empty',
  refuseTotals: false,
  visibilityDelayMs: 0,
} as const;

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
  readonly wms: Wms;
  readonly calls: Calls;
  readonly stranger: Stranger;
  readonly desk: OrderDesk;
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
  const desk = await OrderDesk.open();
  const backend = await startBackend(
    { rows: 0, objects },
    { URL: desk.url },
    {
      lakePolicy: { attempts: 6, baseMs: 1, capMs: 5 },
      quotaMinuteMs: 1,
      emptyPagePauseMs: 1,
      youngQueryMs: 100,
      sizes,
    },
  );
  await backend.call('init-sync-config', { body: {} });
  const coverage = new Coverage();
  const stranger = new Stranger(objects);
  afterAll(() => Promise.all([stranger.close(), desk.close()]));
  return {
    backend,
    coverage,
    async clear({ tableId, lookback, smallSizes, aheadMs }) {
      const subject = SUBJECTS.find(({ table }) => table.tableId === tableId);
      if (!subject) throw new Error(`There are no histories of ${tableId}.`);
      Object.assign(sizes, smallSizes ? SMALL : LARGE);
      const { db, lake } = backend;
      lake.clearFaults();
      lake.clearRequests();
      lake.configure(LAKE_SETTINGS);
      const start = aheadMs === undefined ? Date.parse(LONG_AGO) : Date.now() + aheadMs;
      lake.advance(start - lake.now().getTime());
      const settings = { ...defaultSettings(subject.table), lookbackMinutes: lookback };
      await Promise.all([
        lake.defineObject(subject.object),
        db.collection(subject.table.collection).deleteMany({}),
        db.collection('syncjobs').deleteMany({}),
        db.collection('synchistories').deleteMany({}),
        db.collection('syncdifferences').deleteMany({}),
        db.collection('syncdeletelists').deleteMany({}),
        db.collection('synccertificates').deleteMany({}),
        db.collection('syncconfigs').replaceOne({ tableId }, newConfig(settings)),
        // A pass of the schedule has no other table to start.
        db
          .collection('syncconfigs')
          .updateMany({ tableId: { $ne: tableId } }, { $set: { enabled: false } }),
      ]);
      const wms = new Wms(lake, subject, lookback * MINUTE_MS);
      const calls = new Calls(wms);
      lake.beforeCall(calls.before);
      return scene({ backend, coverage, subject, wms, calls, stranger, desk });
    },
  };
}

type Cast = Pick<Scene, 'backend' | 'coverage' | 'subject' | 'wms' | 'calls' | 'stranger' | 'desk'>;

function scene(cast: Cast): Scene {
  const { db, lake } = cast.backend;
  const { object, table } = cast.subject;
  const { tableId, collection } = table;
  const jobs = db.collection<SyncJob>('syncjobs');
  return {
    ...cast,
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
    variations: () => lake.variations(object.name),
  };
}
