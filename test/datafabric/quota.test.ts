import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { type App, createApp } from '../../src/app.js';
import { systemClock } from '../../src/clock.js';
import { Quota } from '../../src/datafabric/quota.js';
import { quotaRules } from '../../src/datafabric/quota-rules.js';
import { createQuotaStore, type QuotaStore } from '../../src/datafabric/quota-store.js';
import { createSharedState } from '../../src/ion/shared-state.js';
import { createDatabase } from '../../src/store/connection.js';
import { createStore } from '../../src/store/store.js';
import { failureOf } from '../ion/credentials.js';
import { testDatabase } from '../support/database.js';

// Most of the time goes by in waiting.
vi.setConfig({ testTimeout: 60_000 });

/** The quotas' minute in these tests. */
const MINUTE_MS = 2_000;
const { db, uri } = await testDatabase();
const lake = await startLake({ rows: 20, quotas: true, quotaMinuteMs: MINUTE_MS });
const env = { ...ionVariables(lake), MONGODB_URI: uri, LOG_LEVEL: 'silent' };
const instance = (settings = env) => createApp(settings, { tables: [], quotaMinuteMs: MINUTE_MS });
const apps = Array.from({ length: 10 }, () => instance());
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await lake.close();
});

const compassOf = async (app: App) => (await app.lake()).compass;
const [compass, ...others] = await Promise.all(apps.map(compassOf));
if (!compass) throw new Error('there are ten');
const all = [compass, ...others];
await Promise.all(all.map((one) => one.ping()));
const refused = () => lake.requests.filter(({ status }) => status === 429);
const sleep = (ms: number) => systemClock.sleep(ms);

beforeEach(() => lake.clearRequests());
afterEach(async () => {
  lake.clearFaults();
  // What one test has met is over for the next one, in MongoDB and in each instance.
  const states = await db.collection('lakequotas').find().toArray();
  const until = states.map(({ pausedUntil }) => Number(pausedUntil ?? 0));
  await sleep(Math.max(0, Math.max(...until) - Date.now()));
});

describe('ten instances that send queries as fast as they can', () => {
  it("stay within the tenant's quota", async () => {
    const began = Date.now();
    await Promise.all(
      all.map(async (one) => {
        for (let sent = 0; sent < 20; sent++) await one.submit('SELECT 1 AS "N"');
      }),
    );
    const minutes = (Date.now() - began) / MINUTE_MS;
    const { submit } = lake.quotaCounts();
    expect(submit.refused).toBe(0);
    expect(submit.peak).toBeLessThanOrEqual(100);
    // They use what they may: eighty a minute, so the last forty of them in the third.
    expect(minutes).toBeGreaterThan(2);
    expect(minutes).toBeLessThan(8);
  });
});

describe('a 429', () => {
  it('stops all instances for as long as the lake asks', async () => {
    lake.fault({ kind: '429', on: 'any', retryAfterSeconds: 1 });
    await Promise.all([compass.ping(), sleep(100).then(() => instancePing())]);
    const times = lake.requests.filter(({ kind }) => kind === 'ping').map(({ at }) => at);
    expect(refused()).toHaveLength(1);
    expect(times).toHaveLength(3);
    for (const at of times.slice(1)) expect(at - Number(times[0])).toBeGreaterThanOrEqual(990);
  });

  async function instancePing() {
    const fresh = instance();
    await (await compassOf(fresh)).ping();
    await fresh.close();
  }

  it('for a while, without a word how long, costs few calls and fails none', async () => {
    const queryId = await compass.submit('SELECT "TASKDETAILKEY" FROM "CSWMS_wmwhse_TASKDETAIL"');
    await compass.waitUntilEnded(queryId, { submittedAt: Date.now() });
    lake.fault({ kind: '429', on: 'any', rate: 1 });
    // Ten calls meet it first; then one or two find out for all, after ever longer pauses.
    const drought = sleep(4_000).then(() => lake.clearFaults());
    const deadline = Date.now() + 30_000;
    const pages = await Promise.all(
      all.map(async (one) => {
        const page = () => one.page(queryId, { offset: 0, limit: 20, deadline });
        return [await page(), await page()];
      }),
    );
    await drought;
    expect(pages.flat().map(({ length }) => length)).toEqual(Array.from(pages.flat(), () => 20));
    expect(refused().length).toBeLessThanOrEqual(30);
  });

  it('that lasts beyond the deadline ends the call at once and sends no other', async () => {
    lake.fault({ kind: '429', on: 'any', retryAfterSeconds: 2 });
    const began = Date.now();
    const limits = { deadline: began + 1_500 };
    const first = await failureOf(compass.ping(limits));
    const second = await failureOf(compass.submit('SELECT 1 AS "N"', limits));
    expect([first.code, second.code]).toEqual(['OUT_OF_TIME', 'OUT_OF_TIME']);
    expect(first.details).toMatchObject([{ code: 'LAKE_QUOTA' }]);
    expect(Date.now() - began).toBeLessThan(1_000);
    expect(lake.requests).toHaveLength(1);
  });

  it('is no longer waited for by a caller that gave up', async () => {
    lake.fault({ kind: '429', on: 'any', retryAfterSeconds: 2 });
    const controller = new AbortController();
    const began = Date.now();
    const waiting = failureOf(compass.ping({ signal: controller.signal }));
    await sleep(200);
    controller.abort();
    expect((await waiting).code).toBe('LAKE_TIMEOUT');
    expect(Date.now() - began).toBeLessThan(1_000);
  });
});

describe('without a deadline', () => {
  it('a call waits a quarter of a minute and no longer', async () => {
    lake.fault({ kind: '429', on: 'any', retryAfterSeconds: 16 });
    const alone = instance({ ...env, MONGODB_URI: '' });
    const error = await failureOf((await compassOf(alone)).ping());
    expect(error).toMatchObject({ code: 'LAKE_QUOTA', retryAfterMs: expect.any(Number) });
    await alone.close();
  });
});

/** A guard with a database of its own, over the real store as `wrap` changes it. */
function quotaOver(wrap: (store: QuotaStore) => QuotaStore) {
  const database = createDatabase(uri, []);
  const opened = async () => createStore(await database.models(), { clock: systemClock });
  const shared = createSharedState({ store: opened, clock: systemClock });
  const store = wrap(createQuotaStore(shared, 'one-tenant'));
  const quota = new Quota({ store, clock: systemClock, rules: quotaRules(MINUTE_MS) });
  return { quota, close: database.close };
}

describe('a page', () => {
  it('costs no way to MongoDB, but for one question in two seconds beside the pages', async () => {
    let reads = 0;
    const { quota, close } = quotaOver((store) => ({
      ...store,
      read: () => {
        reads++;
        // Only the first one is answered: who waited for another would wait for ever.
        return reads === 1 ? store.read() : new Promise(() => undefined);
      },
    }));
    const began = Date.now();
    for (let page = 0; page < 500; page++) await quota.run('page', {}, () => sleep(5));
    expect(Date.now() - began).toBeGreaterThan(2_000);
    expect(reads).toBe(2);
    await close();
  });
});

describe('without MongoDB', () => {
  it.each([
    ['not set', ''],
    ['away', 'mongodb://127.0.0.1:1/away'],
  ])(
    'that is %s calls go through, and a 429 is waited out all the same',
    async (_, MONGODB_URI) => {
      const alone = instance({ ...env, MONGODB_URI });
      const own = await compassOf(alone);
      await own.ping();
      lake.fault({ kind: '429', on: 'any', times: 3 });
      expect(await own.query('SELECT 1 AS "N"')).toMatchObject({ rows: [{ N: '1' }] });
      expect(refused()).toHaveLength(3);
      await alone.close();
    },
  );
});
