import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { expect } from 'vitest';
import { compareTable } from '../../dev/compare/compare.js';
import { ionVariables, type Lake, type LakeOptions } from '../../dev/lake/index.js';
import { initSyncConfig } from '../../src/api/init-sync-config.js';
import { syncConfig } from '../../src/api/sync-config.js';
import { syncControl } from '../../src/api/sync-control.js';
import { syncRunDue } from '../../src/api/sync-run-due.js';
import { syncTable } from '../../src/api/sync-table.js';
import { type App, createApp } from '../../src/app.js';
import type { Endpoint } from '../../src/http/endpoint.js';
import { serve } from '../../src/http/serve.js';
import type { SyncHistory } from '../../src/models/sync-history.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { native } from '../../src/store/driver/native.js';
import { TABLES } from '../../src/tables/registry.js';
import { taskdetail } from '../../src/tables/taskdetail.js';
import { type Body, expectSum } from '../support/backend.js';
import { type Refusing, refuseWrites, type WriteRefusal } from '../support/refused-writes.js';
import { OPTIONS, TABLE } from './options.js';
import type { Site } from './site.js';

/** Between two passes of the schedule. */
const TICK_MS = 100;
const PATIENCE_MS = 60_000;
/** What the lake takes for a page, so that there is a time to be killed at. */
const PAGE_MS = 20;

/**
 * Rows enough for several segments and for pages that a worker can be killed at. A token lasts for
 * some runs: one that is being renewed when its worker is killed costs the others ten seconds.
 */
export const LAKE: LakeOptions = { rows: 800, tokenLifetimeSeconds: 5 * 3_600 };
const BATCH_ROWS = 40;

const REBUILD = { mode: 'full', rebuild: true } as const;
const REPAIR = { mode: 'reconcile', repair: true } as const;

interface Place {
  readonly lake: Lake;
  /** Of a database that nobody else uses. */
  readonly uri: string;
  /** Of another one, in which the same runs are left undisturbed. */
  readonly referenceUri: string;
  readonly site: Site;
}

export type RunKind = 'full' | 'incremental' | 'rebuild' | 'reconcile';

export interface Trial {
  readonly db: mongo.Db;
  /** Changes the table's configuration. */
  configure(settings: object): Promise<void>;
  /** Changes what a WMS changes: rows come, change and go. */
  change(): Promise<void>;
  /** Starts a run by a call, which hands it to a worker at once. */
  start(kind: RunKind): Promise<mongo.ObjectId>;
  /** Starts the run that carries out the held list of deletes. */
  confirmDeletes(): Promise<mongo.ObjectId>;
  /**
   * Lets passes of the schedule go on until the run has ended.
   * @param disturb what is done to the run between two passes
   */
  untilEnded(jobId: mongo.ObjectId, disturb?: () => Promise<unknown>): Promise<void>;
  /** Lets MongoDB refuse writes of the passes, where these do a worker's work. */
  refuse(refusal: WriteRefusal): Promise<Refusing>;
  /** Holds a run that has failed to what such a run must leave alone. */
  expectFailed(jobId: mongo.ObjectId, code: string): Promise<void>;
  /** Holds a run that has ended to what an undisturbed one does with the same lake. */
  expectUndisturbed(jobId: mongo.ObjectId): Promise<void>;
  job(jobId: mongo.ObjectId): Promise<SyncJob>;
  close(): Promise<void>;
}

/** A backend whose workers are processes, and another one on the same lake whose runs nobody disturbs. */
export async function startTrial({ lake, uri, referenceUri, site }: Place): Promise<Trial> {
  // The workers are started with this process's environment.
  Object.assign(process.env, {
    ...ionVariables(lake),
    MONGODB_URI: uri,
    API_TOKEN: 'test-token-that-is-no-secret',
    LOG_LEVEL: 'silent',
    URL: site.url,
  });
  const app = createApp(process.env, OPTIONS);
  const reference = createApp({ ...process.env, MONGODB_URI: referenceUri }, OPTIONS);
  const client = await mongo.MongoClient.connect(uri);
  const referenceClient = await mongo.MongoClient.connect(referenceUri);
  const db = client.db();
  const jobs = db.collection<SyncJob>('syncjobs');
  // A trial starts more runs a minute than any caller may.
  const unlimited = { key: 'startsPerMinute', value: null };
  for (const { settings } of [await app.models(), await reference.models()]) {
    await native(settings).updateOne({ key: unlimited.key }, { $set: unlimited }, { upsert: true });
  }
  for (const one of [app, reference]) await configure(one);

  async function job(_id: mongo.ObjectId): Promise<SyncJob> {
    const found = await jobs.findOne({ _id });
    if (!found) throw new Error('The run is gone.');
    return found;
  }

  return {
    db,
    job,
    async configure(settings) {
      for (const one of [app, reference]) await configureTable(one, TABLE, settings);
    },
    async change() {
      lake.advance(2 * 3_600_000);
      const part = Math.floor(Math.random() * 10);
      await lake.edit(taskdetail.object, `SERIALKEY % 10 = ${part}`, { STATUS: `${part}` });
      await lake.delete(taskdetail.object, `SERIALKEY % 50 = ${part}`);
      await lake.revive(taskdetail.object, `SERIALKEY % 100 = ${part}`);
    },
    async start(kind) {
      lake.configure({ pageLatencyMs: PAGE_MS });
      const run = requestOf(kind);
      const { status, body } = await call(app, syncTable, { tableId: TABLE, ...run, wait: 0 });
      expect(status, JSON.stringify(body)).toBe(202);
      return new mongo.ObjectId(body.jobId);
    },
    async confirmDeletes() {
      lake.configure({ pageLatencyMs: PAGE_MS });
      const list = await db.collection('syncdeletelists').findOne({ state: 'held' });
      expect(list, 'a list of deletes is held').not.toBeNull();
      const body = { action: 'confirm-deletes', tableId: TABLE, hash: list?.hash };
      // The call waits for the run's end.
      const answer = call(app, syncControl, body);
      answer.catch(() => undefined);
      const active = () => jobs.findOne({ active: true });
      const found = await expect.poll(active, { interval: 5 }).not.toBeNull().then(active);
      if (!found) throw new Error('The run has ended before it could be found.');
      return found._id;
    },
    async untilEnded(jobId, disturb) {
      const until = Date.now() + PATIENCE_MS;
      while ((await job(jobId)).active) {
        expect(Date.now(), 'the run does not end').toBeLessThan(until);
        await disturb?.();
        await delay(TICK_MS);
        // The schedule's passes are minutes apart: no order is ever overtaken before it has begun.
        if (site.isStarting) continue;
        const { status, body } = await call(app, syncRunDue, {});
        expect(status, JSON.stringify(body)).toBe(200);
      }
    },
    async refuse(refusal) {
      return refuseWrites(native((await app.models()).rows(TABLE)), refusal);
    },
    async expectFailed(jobId, code) {
      const { errorCode, watermarkBefore } = await job(jobId);
      expect(errorCode).toBe(code);
      expect(await db.collection('syncrejects').countDocuments()).toBe(0);
      const config = await db.collection('syncconfigs').findOne({ tableId: TABLE });
      expect(config?.watermark).toEqual(watermarkBefore);
    },
    async expectUndisturbed(jobId) {
      const { mode, stats, range, modeReason, ...rest } = await job(jobId);
      expect(rest, JSON.stringify(rest.error)).toMatchObject({
        status: 'completed',
        outcome: 'complete',
      });
      lake.configure({ pageLatencyMs: 0 });
      const run = modeReason === 'rebuild' ? REBUILD : { mode };
      const same = await call(reference, syncTable, { tableId: TABLE, ...run, wait: 45 });
      expect(same).toMatchObject({ status: 200, body: { status: 'completed' } });
      const { totalRecords, processedRecords } = same.body.stats;
      expect(stats).toMatchObject({ totalRecords, processedRecords });
      expectSum(stats);

      const [config, other] = await Promise.all(
        [db, referenceClient.db()].map((one) =>
          one.collection('syncconfigs').findOne({ tableId: TABLE }),
        ),
      );
      expect(config?.watermark).toEqual(range.ceiling ?? config?.watermark);
      expect(config?.watermark).toEqual(other?.watermark);

      const entries = db.collection<SyncHistory>('synchistories');
      const ofRun = await entries.find({ syncJobId: String(jobId) }).toArray();
      expect(ofRun).toMatchObject([{ status: 'completed', recordsProcessed: processedRecords }]);

      const { rows, differences } = await compareTable(lake, db, taskdetail);
      expect(rows).toBeGreaterThan(0);
      expect(differences).toEqual([]);
    },
    async close() {
      await Promise.all([app.close(), reference.close()]);
      await Promise.all([client.close(), referenceClient.close()]);
    },
  };
}

function requestOf(kind: RunKind): object {
  if (kind === 'rebuild') return REBUILD;
  return kind === 'reconcile' ? REPAIR : { mode: kind };
}

/** One table, that is read in many pages by two workers; the others stay out of the way. */
async function configure(app: App): Promise<void> {
  await call(app, initSyncConfig, {});
  for (const { tableId } of TABLES) {
    const settings =
      tableId === TABLE ? { batchSize: BATCH_ROWS, maxWorkers: 2 } : { enabled: false };
    await configureTable(app, tableId, settings);
  }
}

async function configureTable(app: App, tableId: string, settings: object): Promise<void> {
  const { status, body } = await call(app, syncConfig, { tableId, ...settings }, 'PUT');
  expect(status, JSON.stringify(body)).toBe(200);
}

async function call(app: App, endpoint: Endpoint<App>, body: object, method = 'POST') {
  const request = new Request(`http://localhost/.netlify/functions/${endpoint.name}`, {
    method,
    headers: {
      authorization: `Bearer ${process.env.API_TOKEN}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  const response = await serve(endpoint, () => app)(request);
  return { status: response.status, body: (await response.json()) as Body };
}
