import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.js';
import { createLogger } from '../../src/log.js';
import { reset, type SeenRequest } from '../ion/scripted-server.js';
import { startBackend } from '../support/backend.js';
import { LOCAL, startReceiver } from './receiver.js';

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const OLD = newSecret();
const NEXT = newSecret();
const backend = await startBackend({ rows: 0 }, { ...LOCAL, ALERT_WEBHOOK_SECRET: OLD });
const { call, db } = backend;
await call('init-sync-config', { body: {} });
const receiver = await startReceiver(backend);
const stored = db.collection<{ _id: string; outbox: object[] }>('alerts');
const table = { tableId: 'receipt', tableName: 'Receipt' };
const error = { code: 'EARLIER_DATA' as const, message: 'no', details: [] };

/** Raises an alert as a site with these secrets, and delivers what waits. @returns what it logs */
async function tell(secrets: string, { tableId } = table): Promise<string> {
  const lines: string[] = [];
  const write = (line: Buffer, _encoding: string, done: () => void) => {
    lines.push(line.toString());
    done();
  };
  const log = createLogger('trace', new Writable({ write }));
  const site = createApp({ ...process.env, ALERT_WEBHOOK_SECRET: secrets }, { log });
  const { alerts } = await site.sync();
  await alerts.startFailed({ ...table, tableId }, error);
  await alerts.pass();
  await site.close();
  return lines.join('');
}

/** As a receiver does it. */
function verify(secret: string, { body, headers }: SeenRequest): unknown {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return new Webhook(secret).verify(body, Object.fromEntries(texts));
}
const idsSeen = () => receiver.seen.map(({ headers }) => headers['webhook-id']);
const onlySeen = (): SeenRequest => {
  const [request, ...others] = receiver.seen;
  if (!request || others.length > 0) throw new Error(`${receiver.seen.length} messages came`);
  return request;
};
const webhookHealth = async () => {
  const { body } = await call('health', { query: { deep: '1' } });
  return (body.checks as Record<string, Record<string, unknown>>).webhook;
};

beforeEach(async () => {
  receiver.seen.length = 0;
  receiver.respond = () => ({ status: 204 });
  await stored.deleteMany({});
});
afterAll(() => {
  delete process.env.ALERT_WEBHOOK_SECRET;
});

describe('a message under a secret', () => {
  it('is verified by the standard library of receivers, and by no other key', async () => {
    await tell(OLD);
    const request = onlySeen();
    expect(verify(OLD, request)).toMatchObject({ event: 'failed', tableId: 'receipt' });
    expect(() => verify(NEXT, request)).toThrow();
    const changed = { ...request, body: request.body.replace('receipt', 'orders') };
    expect(() => verify(OLD, changed)).toThrow();
    const other = { ...request.headers, 'webhook-id': 'msg_other' };
    expect(() => verify(OLD, { ...request, headers: other })).toThrow();
    const { headers } = request;
    expect(headers['webhook-timestamp']).toMatch(/^\d{10}$/);
    expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(headers).not.toHaveProperty('x-sync-signature');
    expect(JSON.parse(request.body)).not.toHaveProperty('id');
  });

  it('is signed by each of several, so that a receiver may change at its own time', async () => {
    await tell(`${NEXT},${OLD}`);
    const request = onlySeen();
    expect(String(request.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect(verify(OLD, request)).toEqual(verify(NEXT, request));
    expect(() => verify(newSecret(), request)).toThrow();
  });

  it('keeps its id over all attempts, and another message has another one', async () => {
    receiver.respond = () => ({ status: 500 });
    await tell(OLD);
    receiver.respond = () => reset;
    await tell(OLD);
    receiver.respond = () => ({ status: 200 });
    await tell(OLD);
    await tell(OLD, { ...table, tableId: 'orders' });
    const ids = idsSeen();
    expect(ids).toHaveLength(4);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(new Set(ids).size).toBe(2);
  });

  it('keeps its id where a worker died after it was taken', async () => {
    await tell(OLD);
    const [id] = idsSeen();
    // As if the worker had not come to record it.
    await stored.updateOne({ _id: 'receipt|failed' }, { $set: { outbox: [{ ...one(), id }] } });
    await tell(OLD);
    expect(idsSeen()).toEqual([id, id]);
  });

  it('of an earlier version, which gave none, has one id over all attempts as well', async () => {
    await tell(OLD);
    receiver.seen.length = 0;
    receiver.respond = () => ({ status: 503 });
    await stored.updateOne({ _id: 'receipt|failed' }, { $set: { outbox: [one(), one('2')] } });
    await tell(OLD);
    receiver.respond = () => ({ status: 200 });
    await tell(OLD);
    const [first, second, third] = idsSeen();
    expect(first).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(second).toBe(first);
    expect(third).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(third).not.toBe(first);
  });

  it('has the old header alone as long as no secret is set', async () => {
    await tell(' ');
    const { headers } = onlySeen();
    expect(headers['x-sync-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(Object.keys(headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
  });
});

function one(detail = '1') {
  return { event: 'failed' as const, message: `no ${detail}`, at: new Date() };
}

describe('the lines of docs/alerts.md', async () => {
  const page = await readFile('docs/alerts.md', 'utf8');
  const [, lines = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const url = `data:text/javascript,${encodeURIComponent(lines)}`;
  const module: {
    isOurs(body: string, headers: SeenRequest['headers'], secret: string): boolean;
  } = await import(/* @vite-ignore */ url);
  const { isOurs } = module;

  it('verify a message as a receiver without a library does', async () => {
    await tell(`${NEXT},${OLD}`);
    const { body, headers } = onlySeen();
    expect([OLD, NEXT].map((key) => isOurs(body, headers, key))).toEqual([true, true]);
    const old = String(Number(headers['webhook-timestamp']) - 301);
    const refused: [string, SeenRequest['headers'], string][] = [
      [`${body} `, headers, OLD],
      [body, headers, newSecret()],
      [body, {}, OLD],
      [body, { ...headers, 'webhook-id': 'msg_other' }, OLD],
      [body, { ...headers, 'webhook-timestamp': old }, OLD],
      [body, { ...headers, 'webhook-signature': 'v1,' }, OLD],
    ];
    for (const [text, given, key] of refused) expect(isOurs(text, given, key)).toBe(false);
  });
});

describe('a secret that can not be used', () => {
  afterAll(() => {
    process.env.ALERT_WEBHOOK_SECRET = OLD;
  });

  it('holds alerts back, and is named by the log and by deep health', async () => {
    const bad = newSecret().slice(0, 30);
    const logged = await tell(bad);
    expect(receiver.seen).toEqual([]);
    expect(logged).toContain('SETTING_INVALID');
    process.env.ALERT_WEBHOOK_SECRET = bad;
    expect((await call('sync-settings')).status).toBe(200);
    const check = await webhookHealth();
    expect(check).toMatchObject({
      state: 'warning',
      code: 'SETTING_INVALID',
      waiting: 1,
      details: [{ field: 'ALERT_WEBHOOK_SECRET' }],
    });
    expect(logged + JSON.stringify(check)).not.toContain(bad.slice(6, 20));
    // What is older than a day is given up all the same, so that they don't pile up.
    const old = { ...one('old'), at: new Date(Date.now() - 25 * 3_600_000) };
    await stored.updateOne(
      { _id: 'receipt|failed' },
      { $push: { outbox: { $each: [old], $position: 0 } } },
    );
    await tell(bad);
    expect((await stored.findOne({ _id: 'receipt|failed' }))?.outbox).toHaveLength(1);
    // Once it is right again, what waited is sent.
    await tell(OLD);
    expect(verify(OLD, onlySeen())).toMatchObject({ event: 'failed' });
  });

  it('beside one that can keeps alerts coming', async () => {
    const both = `whsec_short,${OLD}`;
    await tell(both);
    expect(verify(OLD, onlySeen())).toMatchObject({ event: 'failed' });
    process.env.ALERT_WEBHOOK_SECRET = both;
    expect(await webhookHealth()).toMatchObject({ state: 'warning', code: 'SETTING_INVALID' });
  });
});

describe('what goes wrong with a webhook', () => {
  it('is in the log and in deep health, without its path, its query or the secret', async () => {
    const { origin } = new URL(receiver.webhook);
    receiver.respond = () => ({ status: 307, headers: { location: 'https://x.example/' } });
    const logged = await tell(OLD);
    const failing = await webhookHealth();
    expect(failing).toMatchObject({
      state: 'warning',
      set: true,
      origin,
      waiting: 1,
      lastAttempt: { reason: expect.stringContaining('307') },
    });
    expect(JSON.parse(logged.trim().split('\n')[0] ?? '')).toMatchObject({
      level: 40,
      reason: expect.stringContaining('307'),
    });
    receiver.respond = () => ({ status: 200 });
    const taken = await tell(OLD);
    const well = await webhookHealth();
    expect(well).toMatchObject({ state: 'ok', waiting: 0, lastAttempt: { reason: null } });
    const texts = logged + taken + JSON.stringify([failing, well]);
    expect(texts).not.toMatch(/secret-path/);
    expect(texts).not.toContain(OLD.slice(6));
    const documents = await Promise.all(
      (await db.collections())
        .filter(({ collectionName }) => collectionName !== 'settings')
        .map((collection) => collection.find({}).toArray()),
    );
    expect(JSON.stringify(documents)).not.toMatch(/secret-path/);
    expect(JSON.stringify(documents)).not.toContain(OLD.slice(6));
  });

  it('is not told of another URL, nor where none is set', async () => {
    receiver.respond = () => ({ status: 500 });
    await tell(OLD);
    const put = (value: string | null) =>
      call('sync-settings', { method: 'PUT', body: { key: 'alertWebhookUrl', value } });
    await put(`${receiver.url}/another`);
    expect(await webhookHealth()).toMatchObject({ state: 'ok', lastAttempt: null });
    await put(null);
    expect(await webhookHealth()).toMatchObject({ state: 'ok', set: false, origin: null });
    await put(receiver.webhook);
  });

  it('is a URL that leads elsewhere now', async () => {
    const settings = db.collection('settings');
    const field = 'value.alertWebhookUrl';
    const stranded = { $set: { [field]: 'https://169.254.169.254/latest' } };
    await settings.updateOne({ key: '(site)' }, stranded);
    const logged = await tell(OLD);
    expect(logged).toContain('public');
    expect(logged).not.toContain('/latest');
    expect(await webhookHealth()).toMatchObject({
      state: 'warning',
      sentence: expect.stringContaining('public'),
    });
    await settings.updateOne({ key: '(site)' }, { $set: { [field]: receiver.webhook } });
  });
});
