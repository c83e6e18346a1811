import { beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.js';
import { type Answer, hang, reset, scriptedServer } from '../ion/scripted-server.js';
import { startBackend } from '../support/backend.js';
import { isSigned, LOCAL, setSetting, startReceiver } from './receiver.js';

const backend = await startBackend({ rows: 50 }, LOCAL);
const { app, lake, call, sync, db } = backend;
await call('init-sync-config', { body: {} });
const receiver = await startReceiver(backend);
const stored = db.collection<{ _id: string; outbox: { at: Date }[] }>('alerts');
const { alerts } = await app().sync();

const DAY_MS = 24 * 3_600_000;
const table = { tableId: 'receipt', tableName: 'Receipt' };
const error = { code: 'EARLIER_DATA' as const, message: 'no', details: [] };
const fail = (times = 1) =>
  Promise.all(Array.from({ length: times }, () => alerts.startFailed(table, error)));
const pass = () => call('sync-run-due', { body: {} });
const only = { _id: 'receipt|failed' };
const waiting = async () => (await stored.findOne(only))?.outbox.length;
const away = (answer: Answer) => {
  receiver.respond = () => answer;
};

beforeEach(async () => {
  receiver.seen.length = 0;
  away({ status: 204 });
  await stored.deleteMany({});
  await db
    .collection('syncconfigs')
    .updateMany({}, { $set: { nextRunAt: new Date(Date.now() + 3_600_000) } });
});

describe('what is sent', () => {
  it('is JSON, signed so that a receiver can tell whose it is', async () => {
    await fail();
    await pass();
    const [request] = receiver.seen;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook/secret-path',
      headers: { 'content-type': 'application/json' },
    });
    if (!request) return;
    const token = String(process.env.API_TOKEN);
    expect(await isSigned(request, token)).toBe(true);
    expect(await isSigned({ ...request, body: request.body.replace('no', 'on') }, token)).toBe(
      false,
    );
    expect(await isSigned(request, `${token}x`)).toBe(false);
  });

  it('holds nothing secret', async () => {
    lake.fault({ kind: '401', on: 'any', every: 1 });
    expect((await call('sync-table', { body: { tableId: 'orders' } })).status).not.toBe(200);
    lake.clearFaults();
    const [request] = receiver.seen;
    const { body, headers } = { body: '', headers: {}, ...request };
    expect(body).toContain('"failed"');
    const secrets = ['API_TOKEN', 'ION_CLIENT_SECRET', 'ION_SASK', 'ION_SAAK', 'MONGODB_URI'];
    for (const name of secrets) {
      expect(body + JSON.stringify(headers)).not.toContain(process.env[name]);
    }
    expect(body).not.toContain('secret-path');
  });

  it('is unsigned where the site has no API_TOKEN', async () => {
    const { API_TOKEN: _, ...env } = process.env;
    const open = createApp(env);
    const { alerts: unsigned } = await open.sync();
    await unsigned.startFailed(table, error);
    await unsigned.deliverNew();
    await open.close();
    expect(receiver.events()).toEqual(['failed']);
    expect(receiver.seen[0]?.headers).not.toHaveProperty('x-sync-signature');
  });
});

describe('an alert', () => {
  it('is one however many raise it at a time, and counts', async () => {
    await fail(20);
    await pass();
    expect(receiver.events()).toEqual(['failed']);
    expect(await stored.find({}).toArray()).toMatchObject([{ ...only, open: true, count: 20 }]);
  });

  it('is delivered once by passes at the same time', async () => {
    away({
      act: (response) => void setTimeout(() => response.writeHead(200).end(), 50),
    });
    await fail();
    await Promise.all(Array.from({ length: 20 }, pass));
    expect(receiver.seen).toHaveLength(1);
    expect(await waiting()).toBe(0);
  });

  it('is sent again a day later where it is still raised', async () => {
    await fail();
    await pass();
    const dayAgo = new Date(Date.now() - DAY_MS - 1000);
    await stored.updateOne(only, { $set: { queuedAt: dayAgo, since: dayAgo } });
    await pass();
    expect(receiver.seen).toHaveLength(1);
    await fail(5);
    await pass();
    expect(receiver.received().slice(1)).toMatchObject([
      // Any of the five may be the one that sends it.
      { event: 'failed', details: { since: dayAgo.toISOString(), count: expect.any(Number) } },
    ]);
    expect(receiver.seen).toHaveLength(2);
  });
});

describe('a receiver that does not take it', () => {
  it.each<[string, Answer]>([
    ['answers 500', { status: 500 }],
    ['answers 404', { status: 404 }],
    ['is away', reset],
  ])('and %s gets it with a later pass', async (_, answer) => {
    away(answer);
    await fail();
    const { status, body } = await pass();
    expect({ status, errors: body.errors }).toEqual({ status: 200, errors: [] });
    expect(await waiting()).toBe(1);
    const tried = receiver.seen.length;
    away({ status: 200 });
    await pass();
    await pass();
    expect(await waiting()).toBe(0);
    expect(receiver.seen).toHaveLength(tried + 1);
    // The same to the byte: a receiver that got it twice can tell.
    expect(new Set(receiver.seen.map(({ body: text }) => text)).size).toBe(1);
  });

  it('gets the alert before its end', async () => {
    away(reset);
    lake.fault({ kind: 'failed', sql: 'ROW_COUNT', every: 1 });
    expect((await call('sync-table', { body: { tableId: 'orders' } })).status).toBe(502);
    lake.clearFaults();
    await sync('orders');
    // Only a pass tries a second time: a receiver that is away holds up no run.
    expect(receiver.events()).toEqual(['failed']);
    away({ status: 200 });
    await pass();
    expect(receiver.events().slice(1)).toEqual(['failed', 'recovered: failed']);
  });

  it('by leading elsewhere is not followed there', async () => {
    const elsewhere = await scriptedServer();
    away({ status: 307, headers: { location: elsewhere.url } });
    await fail();
    await pass();
    await elsewhere.close();
    expect(elsewhere.seen).toEqual([]);
    expect(await waiting()).toBe(1);
  });

  it('and keeps silent holds up no run for longer than its time limit', async () => {
    away(hang);
    lake.fault({ kind: 'failed', sql: 'ROW_COUNT', every: 1 });
    const running = call('sync-table', { body: { tableId: 'orders' } });
    await expect.poll(() => receiver.seen.length, { timeout: 5_000 }).toBe(1);
    // The run has ended while the receiver is still waited for.
    expect(await db.collection('syncjobs').countDocuments({ active: true })).toBe(0);
    const asked = Date.now();
    expect((await running).status).toBe(502);
    expect(Date.now() - asked).toBeLessThan(7_000);
  });

  it('for a day is spared the rest', async () => {
    away(reset);
    await fail();
    await pass();
    await stored.updateOne(only, {
      $set: { 'outbox.0.at': new Date(Date.now() - DAY_MS - 1000) },
    });
    away({ status: 200 });
    receiver.seen.length = 0;
    await pass();
    expect(receiver.seen).toEqual([]);
    expect(await waiting()).toBe(0);
  });

  it('holds up no other message', async () => {
    receiver.respond = ({ body }) => ({ status: body.includes('receipt') ? 400 : 200 });
    await fail();
    await alerts.startFailed({ tableId: 'orders', tableName: 'Orders' }, error);
    await pass();
    expect(receiver.received().map(({ tableId }) => tableId)).toEqual(['receipt', 'orders']);
    expect(await waiting()).toBe(1);
  });
});

describe('a delivery that was cut off', () => {
  const claimed = (ago: number) =>
    stored.updateOne(only, { $set: { claimedAt: new Date(Date.now() - ago) } });

  it('is left to whoever began it a moment ago, and taken up later', async () => {
    await fail();
    await claimed(10_000);
    await pass();
    expect(receiver.seen).toEqual([]);
    await claimed(120_000);
    await pass();
    expect(receiver.events()).toEqual(['failed']);
  });
});

describe('a webhook that is taken away', () => {
  it('gets nothing more, and no pass minds', async () => {
    await fail();
    await setSetting(backend, 'alertWebhookUrl', null);
    expect((await pass()).status).toBe(200);
    await setSetting(backend, 'alertWebhookUrl', receiver.webhook);
    expect(receiver.seen).toEqual([]);
  });
});
