import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { createApp } from '../../src/app.js';
import { runDue } from '../../src/sync/schedule.js';
import { startJob } from '../../src/sync/start.js';
import { LOCAL, startReceiver } from '../alerts/receiver.js';
import { startBackend } from '../support/backend.js';
import { noWorker } from '../support/orders.js';

const OPTIONS = { emptyPagePauseMs: 5, quotaMinuteMs: 1 };
const backend = await startBackend({ rows: 20 }, LOCAL, OPTIONS);
const { app, call, sync, db } = backend;
const receiver = await startReceiver(backend);
const others = await startLake({ rows: 0, tenant: 'OTHER_TST' });
const site = createApp({ ...process.env, ...ionVariables(others) }, OPTIONS);
afterAll(async () => {
  await site.close();
  await others.close();
});

const configs = db.collection('syncconfigs');
const EARLIER = { ORDERKEY: 'of the earlier version' };
const soon = () => Date.now() + 20_000;
const isDue = () => configs.updateOne({ tableId: 'orders' }, { $set: { nextRunAt: new Date(0) } });
async function pass(on = app()) {
  await isDue();
  return runDue(await on.sync(), noWorker, soon());
}
const request = () => call('sync-table', { body: { tableId: 'orders' } });
const entries = async () => {
  const { body } = await call('sync-history', { query: { tableId: 'orders' } });
  return body.history as unknown as Record<string, unknown>[];
};
const starts = async () => {
  const { status, body } = await call('health', { query: { deep: '1' } });
  const check = (body.checks as Record<string, Record<string, unknown>>).starts;
  return { status, ...check };
};
const refusals = async () =>
  (await call('sync-stats', { query: { tableId: 'orders' } })).body.refusals;

beforeEach(async () => {
  for (const name of ['syncconfigs', 'syncjobs', 'synchistories', 'orders', 'alerts']) {
    await db.collection(name).deleteMany({});
  }
  await call('init-sync-config', { body: {} });
  await configs.updateMany({ tableId: { $ne: 'orders' } }, { $set: { enabled: false } });
  receiver.seen.length = 0;
});

describe('a start that is refused', () => {
  it('again and again is one entry of the history, one alert, and a red health', async () => {
    await db.collection('orders').insertOne({ ...EARLIER });
    expect((await request()).body.code).toBe('EARLIER_DATA');
    for (let passes = 0; passes < 3; passes++) await pass();
    const [entry, ...further] = await entries();
    expect(further).toEqual([]);
    expect(entry).toMatchObject({
      tableName: 'Orders',
      status: 'failed',
      duration: 0,
      recordsProcessed: 0,
      error: expect.stringContaining('npm run db:adopt'),
      errorCode: 'EARLIER_DATA',
      errorDetails: [{ message: expect.stringContaining('collection orders') }],
      syncJobId: expect.stringMatching(/^[0-9a-f]{24}$/),
      refusal: { count: 4, since: entry?.createdAt, lastTime: entry?.startTime },
    });
    expect(receiver.received()).toMatchObject([
      { event: 'failed', tableId: 'orders', error: { code: 'EARLIER_DATA' } },
    ]);
    const refused = { errorCode: 'EARLIER_DATA', count: 4, historyId: entry?._id };
    expect(await refusals()).toMatchObject([refused]);
    expect(await starts()).toMatchObject({
      status: 503,
      ok: false,
      code: 'START_REFUSED',
      refused: [{ tableId: 'orders', error: entry?.error, ...refused }],
    });
  });

  it('is over with the first start that is not, and a later one is another entry', async () => {
    await db.collection('orders').insertOne({ ...EARLIER });
    await request();
    await db.collection('orders').deleteMany(EARLIER);
    await sync('orders');
    expect(await refusals()).toEqual([]);
    expect(await starts()).toMatchObject({ ok: true, refused: [] });
    expect(receiver.events()).toEqual(['failed', 'recovered: failed']);
    await db.collection('orders').insertOne({ ...EARLIER });
    await request();
    expect((await entries()).map(({ errorCode }) => errorCode)).toEqual([
      'EARLIER_DATA',
      undefined,
      'EARLIER_DATA',
    ]);
    expect(receiver.events()).toEqual(['failed', 'recovered: failed', 'failed']);
  });

  it('for two causes has an entry and an alert for each', async () => {
    await sync('orders');
    await db.collection('orders').insertOne({ ...EARLIER });
    await request();
    const context = await site.sync();
    await expect(startJob(context, { tableId: 'orders' }, 'api')).rejects.toThrow();
    const codes = (await entries()).map(({ errorCode }) => errorCode);
    expect(codes.slice(0, 2).sort()).toEqual(['EARLIER_DATA', 'SOURCE_CHANGED']);
    expect(receiver.events()).toEqual(['failed', 'failed']);
  });

  it('is counted once by many at the same time', async () => {
    await db.collection('orders').insertOne({ ...EARLIER });
    await Promise.all(Array.from({ length: 8 }, request));
    expect(await entries()).toMatchObject([{ refusal: { count: 8 } }]);
    expect(receiver.events()).toEqual(['failed']);
  });

  it('has its entry also where another start has taken half of the record away', async () => {
    await db.collection('orders').insertOne({ ...EARLIER });
    const half = { errorCode: 'EARLIER_DATA', error: 'refused', count: 1, lastTime: new Date(0) };
    await configs.updateOne({ tableId: 'orders' }, { $set: { 'refusals.EARLIER_DATA': half } });
    await request();
    const [entry, ...further] = await entries();
    expect(further).toEqual([]);
    expect(entry).toMatchObject({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      refusal: { count: 2 },
    });
    expect(await refusals()).toMatchObject([{ historyId: entry?._id, count: 2 }]);
  });

  it('may have its entry sent back as it was got', async () => {
    await db.collection('orders').insertOne({ ...EARLIER });
    await request();
    const [entry] = await entries();
    const sent = { method: 'PUT', query: { id: String(entry?._id) }, body: entry };
    expect((await call('update-sync-history', sent)).status).toBe(200);
  });
});

describe('a table of another tenant', () => {
  it('is a refusal of the site that may not sync it, not of its own', async () => {
    await sync('orders');
    for (let passes = 0; passes < 3; passes++) await pass(site);
    const refused = (await entries()).filter(({ errorCode }) => errorCode === 'SOURCE_CHANGED');
    expect(refused).toMatchObject([{ refusal: { count: 3 } }]);
    expect(receiver.events()).toEqual(['failed']);
    expect(await starts()).toMatchObject({ ok: true });
    await sync('orders');
    await pass(site);
    expect(receiver.events()).toEqual(['failed']);
  });
});

describe('no refusal', () => {
  it('is a table that is disabled, paused, running or asked for wrongly', async () => {
    await configs.updateOne({ tableId: 'orders' }, { $set: { enabled: false } });
    expect((await request()).body.code).toBe('TABLE_DISABLED');
    await configs.updateOne({ tableId: 'orders' }, { $set: { enabled: true } });
    await call('sync-control', { body: { action: 'pause', tableId: 'orders' } });
    await pass();
    const wrong = { tableId: 'orders', mode: 'full', startDate: '2025-01-01' };
    expect((await call('sync-table', { body: wrong })).status).toBe(400);
    expect(await entries()).toEqual([]);
    expect(await refusals()).toEqual([]);
    expect(receiver.seen).toEqual([]);
  });

  it('is shown by health of a table that was taken off the schedule', async () => {
    await db.collection('orders').insertOne({ ...EARLIER });
    await request();
    expect(await starts()).toMatchObject({ ok: false });
    await call('sync-control', { body: { action: 'pause', tableId: 'orders' } });
    expect(await starts()).toMatchObject({ ok: true });
  });

  it('is hidden by the schedule giving the table up for it', async () => {
    await db.collection('orders').insertOne({ ...EARLIER });
    await configs.updateOne({ tableId: 'orders' }, { $set: { failureCount: 9 } });
    await pass();
    expect(receiver.events()).toEqual(['failed', 'paused']);
    expect(await starts()).toMatchObject({ ok: false });
  });
});
