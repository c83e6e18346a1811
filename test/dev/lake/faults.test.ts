import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectLake, type Fault, type Lake, startLake } from '../../../dev/lake/index.js';
import { bodyOf, CompassClient, pageOf } from './compass-client.js';

const ALL = 'SELECT WHSEID, SERIALKEY FROM "CSWMS_wmwhse_TASKDETAIL" ORDER BY 1, 2';

let lake: Lake;
let client: CompassClient;
let queryId: string;

beforeAll(async () => {
  lake = await startLake({ rows: 50 });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());
afterEach(async () => {
  lake.clearFaults();
  lake.clearRequests();
});

/** Statuses of result requests, one after another; `gone` where no whole answer came. */
async function results(count: number): Promise<(number | 'gone')[]> {
  queryId ??= await client.ended(ALL);
  const statuses: (number | 'gone')[] = [];
  for (let at = 0; at < count; at++) {
    const response = await client.result(queryId).catch(() => undefined);
    const whole = await response?.text().catch(() => undefined);
    statuses.push(response && whole !== undefined ? response.status : 'gone');
  }
  return statuses;
}

describe('when a fault strikes', () => {
  it.each<[string, Partial<Fault>, (number | 'gone')[]]>([
    ['the next request, once', {}, [500, 200, 200, 200, 200, 200]],
    ['the nth request', { nth: 3 }, [200, 200, 500, 200, 200, 200]],
    ['several from the nth on', { nth: 2, times: 3 }, [200, 500, 500, 500, 200, 200]],
    ['every nth request', { every: 2 }, [200, 500, 200, 500, 200, 500]],
    ['every nth request, so many times', { every: 2, times: 1 }, [200, 500, 200, 200, 200, 200]],
    ['all, with a rate of 1', { rate: 1 }, [500, 500, 500, 500, 500, 500]],
  ])('it is %s', async (_, when, expected) => {
    await results(0);
    lake.fault({ kind: '500', on: 'result', ...when });
    expect(await results(6)).toEqual(expected);
  });

  it('it is the same ones for the same seed of a rate', async () => {
    const struck = async (seed: number) => {
      lake.clearFaults();
      lake.fault({ kind: '500', on: 'result', rate: 0.5, seed });
      return results(16);
    };
    const first = await struck(7);
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await struck(7)).toEqual(first);
    expect(await struck(8)).not.toEqual(first);
  });

  it('it is on no other call, and not after it is cleared', async () => {
    lake.fault({ kind: '500', on: 'cancel', every: 1 });
    expect(await results(1)).toEqual([200]);
    lake.fault({ kind: '500', on: 'any', every: 1 });
    expect(await results(1)).toEqual([500]);
    expect(lake.clearFaults()).toBe(2);
    expect(await results(1)).toEqual([200]);
  });

  it('it is counted', async () => {
    lake.fault({ kind: '500', on: 'result', every: 2 });
    await results(4);
    expect(lake.faults()).toEqual([{ kind: '500', on: 'result', every: 2, struck: 2 }]);
  });

  it('it can have been planned over HTTP', async () => {
    await connectLake(lake.url).fault({ kind: '504', on: 'result' });
    expect(await results(2)).toEqual([504, 200]);
    expect(await connectLake(lake.url).clearFaults()).toBe(1);
  });
});

describe('the fault', () => {
  const page = async (query = '') => pageOf(await client.result(queryId, query));

  it('429 comes with and without Retry-After', async () => {
    lake.fault({ kind: '429', on: 'result', retryAfterSeconds: 7 });
    const asked = await client.result(queryId);
    expect([asked.status, asked.headers.get('retry-after')]).toEqual([429, '7']);
    lake.fault({ kind: '429', on: 'result' });
    const silent = await client.result(queryId);
    expect([silent.status, silent.headers.get('retry-after')]).toEqual([429, null]);
  });

  it.each(['401', '500', '504'] as const)('%s is an answer of that status', async (kind) => {
    lake.fault({ kind, on: 'result' });
    expect(await results(2)).toEqual([Number(kind), 200]);
  });

  it('401 on a token is invalid_client', async () => {
    lake.fault({ kind: '401', on: 'token' });
    const response = await client.tokenRequest();
    expect(response.status).toBe(401);
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_client' });
  });

  it('reset drops the connection without an answer, which the log has as status 0', async () => {
    lake.fault({ kind: 'reset', on: 'result' });
    await expect(client.result(queryId)).rejects.toThrow();
    expect(lake.requests.at(-1)).toMatchObject({ kind: 'result', status: 0 });
  });

  it('cut breaks the connection within the body', async () => {
    lake.fault({ kind: 'cut', on: 'result' });
    const response = await client.result(queryId);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it('malformed is a whole answer with half of the JSON', async () => {
    lake.fault({ kind: 'malformed', on: 'result' });
    const text = await (await client.result(queryId)).text();
    expect(text).toMatch(/^\[\{/);
    expect(() => JSON.parse(text)).toThrow();
  });

  it('slow delays the answer', async () => {
    lake.fault({ kind: 'slow', on: 'result', delayMs: 150 });
    expect(await results(1)).toEqual([200]);
    expect(lake.requests.at(-1)?.ms).toBeGreaterThanOrEqual(140);
  });

  it('shortPage gives fewer rows than asked for, from the same offset', async () => {
    const all = await page();
    lake.fault({ kind: 'shortPage' });
    expect(await page('?offset=10&limit=9')).toEqual(all.slice(10, 14));
    expect(await page('?offset=10&limit=9')).toEqual(all.slice(10, 19));
  });

  it('unknownStatus is a word that nobody has heard of, and the query goes on', async () => {
    lake.fault({ kind: 'unknownStatus' });
    lake.fault({ kind: 'unknownStatus', nth: 2, word: 'PONDERING' });
    for (const status of ['TRANSFORMING', 'PONDERING']) {
      const response = await client.status(queryId);
      expect(response.status).toBe(202);
      expect(await bodyOf(response)).toMatchObject({ status });
    }
    expect((await client.status(queryId)).status).toBe(201);
  });

  it('stuck keeps a query running until it is canceled', async () => {
    lake.fault({ kind: 'stuck' });
    const stuck = await client.submit(ALL);
    expect((await client.status(stuck, 0.2)).status).toBe(202);
    await client.call(`/jobs/${stuck}/cancel`, { method: 'PUT' });
    expect(await bodyOf(await client.status(stuck))).toMatchObject({ status: 'CANCELED' });
  });

  it('failed makes a query fail with its reason in the result', async () => {
    lake.fault({ kind: 'failed', word: 'The lake is being cleaned.' });
    expect(await client.failure(ALL)).toMatchObject({ message: 'The lake is being cleaned.' });
  });

  it('lostResult makes a query unknown from then on', async () => {
    const lost = await client.ended(ALL);
    lake.fault({ kind: 'lostResult' });
    expect((await client.result(lost)).status).toBe(404);
    expect((await client.result(lost)).status).toBe(404);
    expect((await client.status(lost)).status).toBe(404);
  });

  it('after: the request is carried out and its answer lost', async () => {
    lake.fault({ kind: '504', on: 'submit', after: true });
    const init = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: ALL };
    expect((await client.call('/jobs', init)).status).toBe(504);
    const submitted = lake.requests.at(-1);
    expect(submitted).toMatchObject({ kind: 'submit', status: 504, sql: ALL });
    expect((await client.status(submitted?.queryId ?? '')).status).toBe(201);
  });
});
