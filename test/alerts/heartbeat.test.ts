import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { hang, scriptedServer } from '../ion/scripted-server.js';
import { startBackend } from '../support/backend.js';
import { LOCAL, setSetting } from './receiver.js';

const lines: string[] = [];
const stream = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk));
    done();
  },
});
const backend = await startBackend({ rows: 5 }, LOCAL, { log: pino(stream) });
const { call, db } = backend;
const watch = await scriptedServer();
afterAll(() => watch.close());
const PATH = '/ping/0b5f-secret-path';
await call('init-sync-config', { body: {} });
await db.collection('syncconfigs').updateMany({}, { $set: { enabled: false } });

const pass = async () => {
  const began = performance.now();
  const { status } = await call('sync-run-due', { body: {} });
  expect(status).toBe(200);
  return performance.now() - began;
};
const check = async () => {
  const { body } = await call('health', { query: { deep: '1' } });
  return (body.checks as Record<string, Record<string, unknown>>).heartbeat;
};

describe('the heartbeat', () => {
  beforeEach(() => {
    watch.seen.length = 0;
    watch.respond = () => ({ status: 200 });
  });

  it('is not sent where none is set, which is fine', async () => {
    await pass();
    expect(watch.seen).toEqual([]);
    expect(await check()).toMatchObject({ state: 'ok', set: false, origin: null });
  });

  it('is an empty POST after each pass, seen by deep health', async () => {
    await setSetting(backend, 'heartbeatUrl', `${watch.url}${PATH}`);
    await pass();
    await pass();
    expect(watch.seen.map(({ method, body }) => [method, body])).toEqual([
      ['POST', ''],
      ['POST', ''],
    ]);
    const origin = new URL(watch.url).origin;
    const lastAttempt = { at: expect.any(String), reason: null };
    expect(await check()).toMatchObject({ state: 'ok', set: true, origin, lastAttempt });
  });

  it('that fails fails no pass: it is logged without its path, and a warning of deep health', async () => {
    watch.respond = () => ({ status: 500 });
    lines.length = 0;
    await pass();
    expect(lines.join('')).toContain('heartbeat not delivered');
    expect(lines.join('')).not.toContain('secret-path');
    const lastAttempt = { reason: 'the receiver answered 500' };
    expect(await check()).toMatchObject({ state: 'warning', lastAttempt });
    expect(JSON.stringify(await check())).not.toContain('secret-path');
  });

  it('whose receiver hangs delays the answer of a pass by four seconds at most', async () => {
    watch.respond = () => hang;
    expect(await pass()).toBeLessThan(8_000);
    expect(await check()).toMatchObject({
      state: 'warning',
      lastAttempt: { at: expect.anything() },
    });
  });
});

describe('heartbeatUrl', () => {
  it('is a secret setting by the rules of webhooks', async () => {
    const put = (value: unknown) =>
      call('sync-settings', { method: 'PUT', body: { key: 'heartbeatUrl', value } });
    expect((await put('https://10.0.0.1/ping')).body.details).toMatchObject([{ field: 'value' }]);
    expect((await put('ftp://example.com')).status).toBe(400);
    const { body } = await put(`${watch.url}${PATH}`);
    const shown = (body.settings as { key: string }[]).find(({ key }) => key === 'heartbeatUrl');
    expect(shown).toMatchObject({ value: '(set)', origin: new URL(watch.url).origin });
    expect(JSON.stringify((await call('sync-audit')).body)).not.toContain('secret-path');
    expect((await put(null)).status).toBe(200);
  });
});
