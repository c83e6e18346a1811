import { afterEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { call, sync, configure, db, lake } = await startBackend({ rows: 20 });
await call('init-sync-config', { body: {} });

interface Check {
  readonly ok: boolean;
  readonly ms: number;
  readonly code?: string;
  readonly message?: string;
  readonly [fact: string]: unknown;
}
const deep = async () => {
  const { status, body } = await call('health', { query: { deep: '1' } });
  return { status, word: body.status, checks: body.checks as Record<string, Check> };
};
const codes = (checks: Record<string, Check>) =>
  Object.fromEntries(Object.entries(checks).map(([name, { ok, code }]) => [name, code ?? ok]));

const environment = { ...process.env };
const NOBODY = '127.0.0.1:1';
afterEach(() => Object.assign(process.env, environment));

describe('health', () => {
  it('answers anybody', async () => {
    for (const query of [{}, { deep: '0' }]) {
      const { status, body } = await call('health', { query, headers: { authorization: '' } });
      expect({ status, body }).toEqual({
        status: 200,
        body: { status: 'ok', timestamp: expect.any(String) },
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
    expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS');
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
  it('asks for a token', async () => {
    const { status } = await call('health', {
      query: { deep: '1' },
      headers: { authorization: '' },
    });
    expect(status).toBe(401);
  });

  it('tells that everything is there', async () => {
    const { status, word, checks } = await deep();
    expect({ status, word }).toEqual({ status: 200, word: 'ok' });
    expect(checks).toEqual({
      starts: { ok: true, ms: expect.any(Number), refused: [] },
      mongodb: { ok: true, ms: expect.any(Number) },
      indexes: { ok: true, ms: expect.any(Number), missing: [] },
      lake: { ok: true, ms: expect.any(Number) },
      freshness: { ok: true, ms: expect.any(Number), limitMinutes: null, stale: [] },
      schedule: {
        ok: true,
        ms: expect.any(Number),
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
      message: expect.stringMatching(/^No answer came from the Infor gateway.* check ION_API_URL/),
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
      starts: 'MONGODB_UNREACHABLE',
      mongodb: 'MONGODB_UNREACHABLE',
      indexes: 'MONGODB_UNREACHABLE',
      lake: true,
      freshness: 'MONGODB_UNREACHABLE',
      schedule: 'MONGODB_UNREACHABLE',
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
      ok: false,
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

describe('freshness in deep health', () => {
  const limitTo = (value: number | null) =>
    call('sync-settings', { method: 'PUT', body: { key: 'freshnessLimitMinutes', value } });
  const watermark = (tableId: string, minutesAgo: number) =>
    db
      .collection('syncconfigs')
      .updateOne({ tableId }, { $set: { watermark: new Date(Date.now() - minutesAgo * 60_000) } });

  it('lists the enabled tables whose newest change is older than the limit', async () => {
    await limitTo(60);
    for (const tableId of ['taskdetail', 'receipt', 'orders']) await watermark(tableId, 5);
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
