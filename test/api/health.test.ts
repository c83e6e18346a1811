import { mongo } from 'mongoose';
import { afterEach, describe, expect, it } from 'vitest';
import { deepHealth } from '../../src/api/deep-health.js';
import { createApp } from '../../src/app.js';
import { createLogger } from '../../src/log.js';
import { TABLES } from '../../src/tables/registry.js';
import { VERSION } from '../../src/version.js';
import { startBackend } from '../support/backend.js';
import { falseMongodb } from '../support/false-mongodb.js';

const { call, sync, configure, db, lake } = await startBackend({ rows: 20 });
await call('init-sync-config', { body: {} });

interface Check {
  readonly state: string;
  readonly ok: boolean;
  readonly sentence: string;
  readonly remedy: string | null;
  readonly ms: number;
  readonly code?: string;
  readonly message?: string;
  readonly [fact: string]: unknown;
}
type Checks = Readonly<Record<string, Check>>;
const deep = async () => {
  const { status, body } = await call('health', { query: { deep: '1' } });
  return { status, word: body.status, state: body.state, checks: body.checks as Checks };
};
const codes = (checks: Record<string, Check>) =>
  Object.fromEntries(Object.entries(checks).map(([name, { ok, code }]) => [name, code ?? ok]));

const environment = { ...process.env };
const NOBODY = '127.0.0.1:1';
afterEach(() => {
  Object.assign(process.env, environment);
  lake.clearFaults();
});

describe('health', () => {
  it('answers anybody', async () => {
    for (const query of [{}, { deep: '0' }]) {
      const { status, body } = await call('health', { query, headers: { authorization: '' } });
      expect({ status, body }).toEqual({
        status: 200,
        body: { status: 'ok', version: VERSION, timestamp: expect.any(String) },
      });
    }
  });

  it('answers HEAD without a body, and names it among its methods', async () => {
    const handle = (await import('../../netlify/functions/health.js')).default;
    const response = await handle(new Request('http://localhost/health', { method: 'HEAD' }));
    expect({ status: response.status, text: await response.text() }).toEqual({
      status: 200,
      text: '',
    });
    const { headers } = await call('health', { method: 'DELETE' });
    expect(headers.get('allow')).toBe('HEAD, GET, OPTIONS');
  });

  it.each([
    ['LOG_LEVEL', 'loud'],
    ['API_TOKEN', 'with a blank'],
    ['URL', 'nowhere'],
    ['MONGODB_URI', 'nowhere'],
  ])(
    'answers although %s has a wrong value, which only a deeper look minds',
    async (name, value) => {
      process.env[name] = value;
      try {
        expect(await call('health')).toMatchObject({ status: 200, body: { status: 'ok' } });
        expect(await call('health', { query: { deep: '1' } })).toMatchObject({ status: 503 });
      } finally {
        delete process.env[name];
      }
    },
  );

  it.each([
    ['deep', { deep: 'yes' }],
    ['deep', { deep: '' }],
  ])('refuses a wrong %s', async (field, query) => {
    const { status, body } = await call('health', { query });
    expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field });
  });
});

describe('deep health', () => {
  it('tells the caller who it is', async () => {
    const { body } = await call('health', { query: { deep: '1' } });
    expect(body.caller).toEqual({ name: 'API_TOKEN', may: 'write' });
    expect((await call('sync-stats')).body.caller).toEqual({ name: 'API_TOKEN', may: 'write' });
  });

  it('asks for a token', async () => {
    const { status } = await call('health', {
      query: { deep: '1' },
      headers: { authorization: '' },
    });
    expect(status).toBe(401);
  });

  it('tells that everything is there, each in a sentence', async () => {
    const { status, word, state, checks } = await deep();
    expect({ status, word, state }).toEqual({ status: 200, word: 'ok', state: 'ok' });
    const sentence = expect.stringMatching(/^[A-Z].*\.$/);
    const ok = { state: 'ok', ok: true, sentence, remedy: null, ms: expect.any(Number) };
    expect(checks).toEqual({
      mongodb: { ...ok, database: db.databaseName },
      write: ok,
      indexes: { ...ok, missing: [] },
      token: ok,
      lake: ok,
      query: {
        ...ok,
        object: expect.stringContaining('TASKDETAIL'),
        askedAt: expect.any(String),
        queryMs: expect.any(Number),
      },
      warehouses: { ...ok, configured: 0, empty: [] },
      address: { ...ok, siteUrl: 'http://localhost', lastDispatch: null },
      webhook: { ...ok, set: false, origin: null, waiting: 0, lastAttempt: null },
      heartbeat: { ...ok, set: false, origin: null, lastAttempt: null },
      overdue: { ...ok, overdue: [], limitMinutes: 15 },
      freshness: { ...ok, limitMinutes: null, stale: [] },
      starts: { ...ok, refused: [] },
      access: { ...ok, ignored: [] },
      schedule: {
        ...ok,
        lastPass: null,
        overdue: false,
        limitMinutes: 15,
        lastDispatch: null,
      },
    });
  });

  it('names the lake where it does not answer, and never its secrets', async () => {
    Object.assign(process.env, {
      ION_API_URL: `http://${NOBODY}`,
      ION_SSO_URL: `http://${NOBODY}/${lake.credentials.ti}/as/`,
    });
    const { status, word, checks } = await deep();
    expect({ status, word }).toEqual({ status: 503, word: 'failing' });
    expect(codes(checks)).toMatchObject({ mongodb: true, indexes: true, freshness: true });
    expect(checks.lake).toMatchObject({
      code: 'LAKE_UNREACHABLE',
      state: 'failing',
      sentence: expect.stringContaining(NOBODY),
      remedy: expect.stringContaining('check ION_API_URL'),
      message: expect.stringMatching(/check ION_API_URL/),
    });
    const text = JSON.stringify(checks);
    for (const secret of [lake.credentials.sask, lake.credentials.cs, lake.credentials.saak]) {
      expect(text).not.toContain(secret);
    }
  });

  it('gives the lake five seconds', async () => {
    lake.fault({ kind: 'slow', on: 'any', delayMs: 20_000 });
    const { checks } = await deep();
    lake.clearFaults();
    expect(checks.lake).toMatchObject({ ok: false, code: 'LAKE_TIMEOUT' });
    expect(checks.lake?.ms).toBeLessThan(6_000);
  });

  it('names the database where it does not answer, and never its user', async () => {
    process.env.MONGODB_URI = `mongodb://someone:geheim@${NOBODY}/away`;
    const { status, checks } = await deep();
    expect(status).toBe(503);
    expect(codes(checks)).toEqual({
      ...Object.fromEntries(Object.keys(checks).map((name) => [name, 'MONGODB_UNREACHABLE'])),
      token: true,
      lake: true,
      access: true,
    });
    expect(checks.mongodb?.ms).toBeLessThan(6_500);
    expect(JSON.stringify(checks)).not.toMatch(/someone|geheim/);
  });

  it.each([
    ['MONGODB_URI', 'mongodb', 'MONGODB_URI_MISSING'],
    ['ION_SASK', 'lake', 'ION_CREDENTIALS_INCOMPLETE'],
  ])('says that %s is not set', async (variable, name, code) => {
    process.env[variable] = '';
    const { status, checks } = await deep();
    expect({ status, code: checks[name]?.code }).toEqual({ status: 503, code });
  });

  it('names an index that is missing, or that is another one under its name', async () => {
    const jobs = db.collection('syncjobs');
    const name = 'one_active_run_a_table';
    const failing = {
      state: 'failing',
      ok: false,
      sentence: expect.stringContaining('index'),
      remedy: expect.stringContaining('db:indexes'),
      ms: expect.any(Number),
      code: 'MONGODB_INDEX_MISSING',
      message: expect.stringContaining('index'),
      details: [],
      missing: [`syncjobs.${name}`],
    };
    await jobs.dropIndex(name);
    expect((await deep()).checks.indexes).toEqual(failing);
    await jobs.createIndex({ tableId: 1 }, { name });
    expect((await deep()).checks.indexes).toEqual(failing);
    await jobs.dropIndex(name);
    await sync('orders');
    expect((await deep()).checks.indexes).toMatchObject({ ok: true });
  });
});

describe('the query of deep health', () => {
  const queries = () => lake.requests.filter(({ kind }) => kind === 'submit').length;
  const afterAMinute = () =>
    db
      .collection('healthstates')
      .updateOne(
        { _id: 'query' as never },
        { $set: { 'claim.at': new Date(Date.now() - 61_000) } },
      );

  it('is sent once a minute by all callers, who are shown what became of it', async () => {
    await afterAMinute();
    lake.clearRequests();
    await Promise.all([deep(), deep(), deep()]);
    const { checks } = await deep();
    expect(queries()).toBe(1);
    expect(checks.query).toMatchObject({ state: 'ok', askedAt: expect.any(String) });
    await afterAMinute();
    await deep();
    expect(queries()).toBe(2);
  });

  it('that failed is shown as failing until the next one', async () => {
    await afterAMinute();
    lake.fault({ kind: 'failed', word: 'No such object.' });
    for (const _ of ['asked', 'stored']) {
      const { status, checks } = await deep();
      expect({ status, code: checks.query?.code }).toEqual({
        status: 503,
        code: 'LAKE_QUERY_FAILED',
      });
      const { sentence, remedy } = checks.query ?? {};
      expect(String(sentence)).not.toContain(String(remedy));
    }
    await afterAMinute();
    expect((await deep()).checks.query).toMatchObject({ state: 'ok' });
  });

  it('of which another version has stored what became of it harms no other check', async () => {
    await deep();
    const error = { code: 'OF_A_LATER_VERSION', message: 'Something new.', details: [] };
    await db
      .collection('healthstates')
      .updateOne({ _id: 'query' as never }, { $set: { 'result.error': error } });
    const { status, checks } = await deep();
    expect(status).toBe(503);
    expect(checks.query).toMatchObject({ code: 'INTERNAL', sentence: 'Something new.' });
    expect(checks.mongodb).toMatchObject({ state: 'ok' });
    await afterAMinute();
  });

  it('that does not end is a warning, and is canceled', async () => {
    await afterAMinute();
    lake.clearRequests();
    lake.fault({ kind: 'stuck' });
    const { status, state, checks } = await deep();
    expect({ status, state }).toEqual({ status: 200, state: 'warning' });
    expect(checks.query).toMatchObject({ state: 'warning', remedy: expect.stringMatching(/./) });
    expect(checks.query).not.toHaveProperty('code');
    expect(lake.requests.some(({ kind }) => kind === 'cancel')).toBe(true);
  });
});

describe('what deep health finds', () => {
  it('warns of a configured warehouse without rows', async () => {
    await configure('orders', { options: { whseid: ['wmwhse1', 'WMWHSE1'] } });
    await sync('orders');
    const { status, checks } = await deep();
    expect(status).toBe(200);
    expect(checks.warehouses).toMatchObject({
      state: 'warning',
      sentence: expect.stringContaining('"WMWHSE1"'),
      remedy: expect.stringContaining('case-sensitive'),
      empty: [{ tableId: 'orders', whseid: 'WMWHSE1' }],
    });
    await configure('orders', { options: {} });
  });

  it('warns of an address at which the last order was refused', async () => {
    const dispatch = {
      accepted: false,
      reason: 'answered 401',
      at: new Date(),
      jobId: 'a'.repeat(24),
    };
    const states = db.collection('schedulestates');
    await states.updateOne({ _id: 'schedule' as never }, { $set: { dispatch } }, { upsert: true });
    const { status, checks } = await deep();
    expect(status).toBe(200);
    expect(checks.address).toMatchObject({
      state: 'warning',
      sentence: expect.stringContaining('401'),
    });
    await states.deleteMany({});
  });

  it('is red while a table is overdue, but not once that is enabled again or runs', async () => {
    const long = new Date(Date.now() - 3_600_000);
    const configs = db.collection('syncconfigs');
    const since = (set: object) => configs.updateOne({ tableId: 'receipt' }, { $set: set });
    await since({ nextRunAt: long, updatedAt: long });
    const { status, checks } = await deep();
    expect({ status, code: checks.overdue?.code }).toEqual({ status: 503, code: 'TABLES_OVERDUE' });
    expect(checks.overdue?.overdue).toMatchObject([{ tableId: 'receipt' }]);
    await configure('receipt', { enabled: true });
    expect((await deep()).checks.overdue).toMatchObject({ state: 'ok' });
    await since({ nextRunAt: long, updatedAt: long, pausedReason: 'paused by request' });
    expect((await deep()).checks.overdue).toMatchObject({ state: 'ok' });
    await configs.updateOne(
      { tableId: 'receipt' },
      { $unset: { pausedReason: '', nextRunAt: '' } },
    );
    await configure('receipt', { enabled: true });
  });

  it('ends in time while MongoDB hangs, which is not blamed on the lake', async () => {
    process.env.MONGODB_URI = await falseMongodb(() => undefined);
    const began = Date.now();
    const { checks } = await deep();
    expect(Date.now() - began).toBeLessThan(12_000);
    expect(codes(checks)).toEqual({
      ...Object.fromEntries(Object.keys(checks).map((name) => [name, 'MONGODB_UNREACHABLE'])),
      token: true,
      lake: true,
      access: true,
    });
  });

  it('sees that a database can be read and not written', async () => {
    const uri = await falseMongodb((command) =>
      'update' in command || 'findAndModify' in command
        ? { ok: 0, code: 8000, errmsg: 'you are over your space quota, using 513 MB of 512 MB' }
        : { ok: 1, cursor: { id: mongo.BSON.Long.ZERO, ns: 'wms.a', firstBatch: [] } },
    );
    const full = createApp({ ...process.env, MONGODB_URI: uri });
    const ignoredTokens = [{ name: 'ops', reason: 'shorter than 24 characters' }];
    const about = { log: createLogger('silent'), siteUrl: undefined, settings: { ignoredTokens } };
    const { checks } = await deepHealth(full, about);
    await full.close();
    expect(checks.access).toMatchObject({
      state: 'warning',
      sentence: expect.stringMatching(/\bops\b.*\b24\b/),
    });
    expect(checks.mongodb, JSON.stringify(checks)).toMatchObject({ state: 'ok', database: 'wms' });
    expect(checks.write).toMatchObject({ state: 'failing', code: 'MONGODB_FULL' });
  });
});

describe('freshness in deep health', () => {
  const limitTo = (value: number | null) =>
    call('sync-settings', { method: 'PUT', body: { key: 'freshnessLimitMinutes', value } });
  const watermark = (tableId: string, minutesAgo: number) =>
    db
      .collection('syncconfigs')
      .updateOne({ tableId }, { $set: { watermark: new Date(Date.now() - minutesAgo * 60_000) } });

  it('lists the enabled tables whose newest change is older than the limit', async () => {
    await limitTo(60);
    const fresh = TABLES.map(({ tableId }) => tableId).filter((id) => id !== 'receiptdetail');
    for (const tableId of fresh) await watermark(tableId, 5);
    await watermark('receipt', 90);
    await watermark('orderdetail', 90);
    await configure('orderdetail', { enabled: false });
    const { status, checks } = await deep();
    expect(status).toBe(503);
    expect(checks.freshness).toMatchObject({
      ok: false,
      code: 'DATA_STALE',
      limitMinutes: 60,
      stale: [
        { tableId: 'receipt', watermark: expect.any(String), lastSyncStatus: null },
        { tableId: 'receiptdetail', watermark: null },
      ],
    });
  });

  it('is well within the limit, or without one', async () => {
    await watermark('receiptdetail', 1);
    await limitTo(100);
    expect((await deep()).checks.freshness).toMatchObject({ ok: true, stale: [] });
    await watermark('receiptdetail', 5_000);
    await limitTo(null);
    expect((await deep()).status).toBe(200);
  });
});
