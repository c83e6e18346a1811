import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { compareTable } from '../../dev/compare/compare.js';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { databaseUri, startMongo } from '../../dev/mongodb/index.js';
import { initSyncConfig } from '../../src/api/init-sync-config.js';
import { syncConfig } from '../../src/api/sync-config.js';
import { syncTable } from '../../src/api/sync-table.js';
import { syncWorkerBackground } from '../../src/api/sync-worker-background.js';
import { SIGNATURE_HEADER } from '../../src/api/worker-orders.js';
import { type App, createApp } from '../../src/app.js';
import { AppError, toAppError } from '../../src/errors/app-error.js';
import type { Endpoint } from '../../src/http/endpoint.js';
import { serve } from '../../src/http/serve.js';
import { createSigner } from '../../src/security/signature.js';
import { advance } from '../../src/sync/advance.js';
import { withBudget } from '../../src/sync/context.js';
import { dispatch, type WorkOrder } from '../../src/sync/dispatch.js';
import { startJob } from '../../src/sync/start.js';
import { taskdetail } from '../../src/tables/taskdetail.js';
import type { Body } from '../support/backend.js';
import { takeInto } from '../support/orders.js';

process.env.API_TOKEN = 'test-token-that-is-no-secret';
process.env.LOG_LEVEL = 'silent';
const lake = await startLake({ rows: 60 });
afterAll(() => lake.close());

const appWith = (MONGODB_URI: string | undefined): App =>
  createApp({ ...ionVariables(lake), LOG_LEVEL: 'silent', MONGODB_URI }, { leaseMs: 2_000 });

async function call(app: App, endpoint: Endpoint<App>, body?: object, headers = {}) {
  const response = await serve(
    endpoint,
    () => app,
  )(
    new Request('http://localhost/x', {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${process.env.API_TOKEN}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, body: (await response.json()) as Body };
}

describe('a MongoDB that can not be used', () => {
  const withUser = (() => {
    const url = new URL(databaseUri(inject('mongodbUri'), 'x'));
    url.username = 'nobody';
    url.password = 'not-a-real-password';
    return url.href;
  })();

  it.each<[string, string | undefined, string]>([
    ['is not named', undefined, 'MONGODB_URI_MISSING'],
    ['is named wrongly', 'postgres://user:not-a-real-password@x', 'MONGODB_URI_INVALID'],
    ['does not know the user', withUser, 'MONGODB_AUTH_REFUSED'],
    ['is not there', 'mongodb://u:not-a-real-password@127.0.0.1:9/x', 'MONGODB_UNREACHABLE'],
  ])(
    'because it %s, is named by its code, within the time of a function',
    async (_why, uri, code) => {
      const app = appWith(uri);
      const began = Date.now();
      for (const reply of await Promise.all([
        call(app, syncTable, { tableId: 'taskdetail' }),
        call(app, initSyncConfig, {}),
        call(app, syncConfig),
      ])) {
        expect({ status: reply.status, code: reply.body.code }).toEqual({ status: 503, code });
        expect(JSON.stringify(reply.body)).not.toMatch(/not-a-real-password|127\.0\.0\.1/);
      }
      expect(Date.now() - began).toBeLessThan(15_000);
      await app.close();
    },
  );
});

describe('a MongoDB that goes away and comes back', async () => {
  /** A server of this file's own, that keeps its data and its port. */
  const { TEST_MONGODB_URI: _, ...env } = process.env;
  const storagePath = await mkdtemp(join(tmpdir(), 'datalake-sync-away-'));
  let server = await startMongo({ env, storagePath });
  const port = Number(new URL(server.uri).port);
  const app = appWith(databaseUri(server.uri, 'away'));
  const client = new mongo.MongoClient(server.uri, { serverSelectionTimeoutMS: 10_000 });
  const db = client.db('away');
  afterAll(async () => {
    await client.close();
    await app.close();
    await server.stop();
    await rm(storagePath, { recursive: true, force: true });
  });
  const back = async () => {
    server = await startMongo({ env, storagePath, port });
  };
  const jobs = db.collection('syncjobs');
  await call(app, initSyncConfig, {});

  const expectEqual = async () => {
    const { rows, differences } = await compareTable(lake, db, taskdetail);
    expect(rows).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  };
  /** A run whose pages take their time; resolves when the first ones are in. */
  const begin = async (pageLatencyMs: number) => {
    const context = await app.sync();
    lake.configure({ pageLatencyMs });
    const request = { tableId: 'taskdetail', mode: 'full' as const, batchSize: 5 };
    return { context, job: await startJob(context, request, 'api') };
  };
  const someRead = (_id: mongo.ObjectId) =>
    expect
      .poll(async () => (await jobs.findOne({ _id }))?.segments?.[0]?.next, { interval: 10 })
      .toBeGreaterThan(0);

  it('in the middle of a run does not end it: it goes on, and loses and doubles nothing', async () => {
    const { context, job } = await begin(30);
    const run = advance(context, job._id, Date.now() + 25_000);
    await someRead(job._id);
    await server.stop();
    await delay(200);
    await back();
    expect(await run).toMatchObject({
      state: 'done',
      job: { status: 'completed', outcome: 'complete' },
    });
    lake.configure({ pageLatencyMs: 0 });
    const ended = await jobs.findOne({ _id: job._id });
    expect(ended?.stats.processedRecords).toBe(ended?.totalRecords);
    expect(await db.collection('synchistories').countDocuments()).toBe(1);
    await expectEqual();
  });

  it('only after the slice has ended leaves a run that the next slice takes up', async () => {
    const { context, job } = await begin(300);
    const deadline = Date.now() + 2_500;
    // What is written beside the pages is to be given up on at the end of the slice as well.
    const run = advance(withBudget(context, { deadline }), job._id, deadline).catch(toAppError);
    await someRead(job._id);
    await server.stop();
    await delay(deadline - Date.now());
    await back();
    const ended = await run;
    lake.configure({ pageLatencyMs: 0 });
    if (ended instanceof AppError) expect(ended.code).toMatch(/^(MONGODB_|OUT_OF)/);
    else expect(ended.state).toBe('more');
    expect(await jobs.findOne({ _id: job._id })).toMatchObject({ active: true });
    // If its worker could not let go of it, another one takes over when the lease is over.
    const resumed = async () => (await advance(context, job._id, Date.now() + 20_000)).state;
    await expect.poll(resumed, { timeout: 10_000 }).toBe('done');
    expect(await jobs.findOne({ _id: job._id })).toMatchObject({ outcome: 'complete' });
    await expectEqual();
  });

  it('between two requests is not noticed by the second', async () => {
    await server.stop();
    const reply = call(app, syncConfig);
    await delay(100);
    await back();
    expect((await reply).status).toBe(200);
    expect((await call(app, syncTable, { tableId: 'taskdetail' })).status).toBe(200);
  });

  it('while a worker starts does not cost it its order', { timeout: 40_000 }, async () => {
    const { context, job } = await begin(0);
    const orders: WorkOrder[] = [];
    await dispatch(context, takeInto(orders), job._id);
    const [sent] = orders;
    if (!sent) throw new Error('No order was sent.');
    const signer = createSigner(lake.credentials.cs, 'worker orders');
    const signature = signer.sign(JSON.stringify(sent));
    await server.stop();
    const cold = appWith(databaseUri(server.uri, 'away'));
    const working = call(cold, syncWorkerBackground, sent, { [SIGNATURE_HEADER]: signature });
    // Longer than one try to connect.
    await delay(7_000);
    await back();
    expect(await working).toMatchObject({ status: 200, body: { worked: 'done' } });
    await cold.close();
    expect(await jobs.findOne({ _id: job._id })).toMatchObject({ outcome: 'complete' });
    await expectEqual();
  });
});
