import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { type App, createApp } from '../../src/app.js';
import { systemClock } from '../../src/clock.js';
import { readIonCredentials } from '../../src/config/ion-credentials.js';
import { createSharedState } from '../../src/ion/shared-state.js';
import { createTokenStore } from '../../src/ion/token-store.js';
import type { IonToken } from '../../src/models/ion-token.js';
import { createDatabase, type Database } from '../../src/store/connection.js';
import { createStore } from '../../src/store/store.js';
import { testDatabase } from '../support/database.js';

// A day has 288 cold starts.
vi.setConfig({ testTimeout: 120_000 });

const { db, uri } = await testDatabase();
// Its clock starts now, so that what it dates is in MongoDB's future, too.
const lake = await startLake({ rows: 0, now: new Date().toISOString() });
afterAll(() => lake.close());

const env = { ...ionVariables(lake), MONGODB_URI: uri, LOG_LEVEL: 'silent' };
const stored = db.collection<IonToken>('iontokens');
/** The time of the day that a test lets go by; waits are real. */
const clock = { ...systemClock, now: () => lake.now().getTime() };

beforeEach(async () => {
  lake.clearFaults();
  await stored.deleteMany({});
  lake.clearRequests();
});

/** Fresh instances of the backend, as after a cold start each. */
async function instances<T>(count: number, use: (apps: readonly App[]) => Promise<T>): Promise<T> {
  const apps = Array.from({ length: count }, () => createApp(env, { clock, tables: [] }));
  try {
    return await use(apps);
  } finally {
    await Promise.all(apps.map((app) => app.close()));
  }
}

const ping = async (app: App) => (await app.lake()).compass.ping();
const pingAll = (apps: readonly App[]) => Promise.all(apps.map(ping));
const tokenRequests = () => lake.requests.filter(({ kind }) => kind === 'token').length;
const refusedPings = () =>
  lake.requests.filter(({ kind, status }) => kind === 'ping' && status === 401).length;

const storeOf = (database: Database) => async () => createStore(await database.models(), { clock });

/** The store as another program with the same credentials sees it. */
async function readStore(): Promise<string | undefined> {
  const database = createDatabase(uri, []);
  const shared = createSharedState({ store: storeOf(database), clock });
  const store = createTokenStore({ credentials: readIonCredentials(env), shared, clock });
  try {
    return (await store.load()).token?.token;
  } finally {
    await database.close();
  }
}

describe('an ION token', () => {
  it('outlives the process: a day of five-minute runs, a cold start each, costs 13', async () => {
    for (let run = 0; run < 24 * 12; run++) {
      await instances(1, pingAll);
      lake.advance(5 * 60_000);
    }
    expect(tokenRequests()).toBe(13);
    expect(refusedPings()).toBe(0);
  });

  it('is one for ten instances that start at once', async () => {
    await instances(10, pingAll);
    expect(tokenRequests()).toBe(1);
    expect(await stored.countDocuments()).toBe(1);
  });

  it('is renewed once where it ends under ten instances', async () => {
    await instances(10, async (apps) => {
      await pingAll(apps);
      lake.advance(116 * 60_000);
      await pingAll(apps);
    });
    expect(tokenRequests()).toBe(2);
    expect(refusedPings()).toBe(0);
  });

  it('is renewed once where ten instances are refused in the middle of a run', async () => {
    await instances(10, async (apps) => {
      await pingAll(apps);
      lake.expireTokens();
      await pingAll(apps);
      expect(refusedPings()).toBe(10);
      await pingAll(apps);
    });
    expect(tokenRequests()).toBe(2);
  });

  it('is taken from the store by an instance that hears of the refusal last', async () => {
    await instances(2, async ([early, late]) => {
      if (!early || !late) throw new Error('there are two');
      await pingAll([early, late]);
      lake.expireTokens();
      await ping(early);
      await ping(late);
    });
    expect(tokenRequests()).toBe(2);
    expect(refusedPings()).toBe(2);
  });

  it('is a new one where the token at hand and the stored one are both refused', async () => {
    await instances(2, async ([first, second]) => {
      if (!first || !second) throw new Error('there are two instances');
      await pingAll([first, second]);
      lake.expireTokens();
      // From here on the first one's is not the stored one.
      await ping(second);
      lake.expireTokens();
      await ping(first);
      expect(tokenRequests()).toBe(3);
    });
  });

  it('is got by the others where the one that was getting it has died', async () => {
    await instances(1, pingAll);
    await stored.updateOne(
      {},
      { $set: { renewal: { owner: 'dead', at: new Date(Date.now() - 9_000) } } },
    );
    lake.expireTokens();
    lake.clearRequests();
    const began = Date.now();
    await instances(5, pingAll);
    expect(Date.now() - began).toBeGreaterThan(900);
    expect(tokenRequests()).toBe(1);
  });

  it('is got by the next where the first one was given none', async () => {
    lake.fault({ kind: '500', on: 'token' });
    await instances(3, pingAll);
    expect(tokenRequests()).toBe(2);
  });
});

describe('a stored token', () => {
  const spoilt = (sealed: string) => {
    const bytes = Buffer.from(sealed, 'base64');
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    return bytes.toString('base64');
  };

  it.each<[string, (document: IonToken) => unknown]>([
    ['tampered with', ({ sealed = '' }) => spoilt(sealed)],
    ['cut off', ({ sealed = '' }) => sealed.slice(0, 20)],
    ['emptied', () => ''],
    ['not even text', () => 42],
  ])('that was %s is ignored and replaced', async (_, change) => {
    await instances(1, pingAll);
    const before = await stored.findOne();
    if (!before) throw new Error('no token is stored');
    await stored.updateOne({}, { $set: { sealed: change(before) as string } });
    await instances(1, pingAll);
    expect(tokenRequests()).toBe(2);
    await instances(1, pingAll);
    expect(tokenRequests()).toBe(2);
  });

  it('can not be read where the client has another secret', async () => {
    await instances(1, pingAll);
    expect(await readStore()).toEqual(expect.any(String));
    const [credentials, database] = [readIonCredentials(env), createDatabase(uri, [])];
    const other = createTokenStore({
      credentials: { ...credentials, clientSecret: 'renewed' },
      shared: createSharedState({ store: storeOf(database), clock }),
      clock,
    });
    expect(await other.load()).toMatchObject({ renewing: false });
    expect(await other.load()).not.toHaveProperty('token');
    await database.close();
  });

  it('shows nothing of itself or of the credentials', async () => {
    await instances(1, pingAll);
    const token = (await readStore()) ?? '';
    expect(token).toMatch(/^[\w-]{20,}$/);
    const collections = await db.listCollections().toArray();
    const contents = await Promise.all(
      collections.map(({ name }) => db.collection(name).find().toArray()),
    );
    const text = JSON.stringify(contents);
    expect(text).toContain('sealed');
    const { ti, ci, cs, saak, sask } = lake.credentials;
    for (const secret of [token, ti, ci, cs, saak, sask]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('base64'));
    }
  });
});

describe('without MongoDB', () => {
  it.each([
    ['not set', ''],
    ['away', 'mongodb://127.0.0.1:1/away'],
  ])('that is %s there is a token all the same, one an instance', async (_, MONGODB_URI) => {
    const app = createApp({ ...env, MONGODB_URI }, { clock });
    const began = Date.now();
    await ping(app);
    await ping(app);
    expect(Date.now() - began).toBeLessThan(4_500);
    await app.close();
    expect(tokenRequests()).toBe(1);
  });
});
