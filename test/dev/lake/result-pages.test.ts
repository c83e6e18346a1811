import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, type LakeSettings, startLake } from '../../../dev/lake/index.js';
import { CompassClient, pageOf } from './compass-client.js';

const ALL = 'SELECT WHSEID, TASKDETAILKEY, LOT FROM "CSWMS_wmwhse_TASKDETAIL" ORDER BY 1, 2';

let lake: Lake;
let client: CompassClient;
let queryId: string;

beforeAll(async () => {
  lake = await startLake({ rows: 250 });
  client = new CompassClient(lake);
  queryId = await client.ended(ALL);
});
afterAll(() => lake.close());
afterEach(() => {
  lake.configure({ maxPageRows: 100_000, maxPageBytes: 10_000_000, pastEnd: 'empty' });
});

async function page(query: string): Promise<Record<string, string>[]> {
  return pageOf(await client.result(queryId, query));
}

describe('a page', () => {
  it('is the stretch of the result from offset on', async () => {
    const all = await page('');
    expect(all).toHaveLength(250);
    expect(await page('?offset=100&limit=7')).toEqual(all.slice(100, 107));
  });

  it('can be read again', async () => {
    expect(await page('?offset=3&limit=5')).toEqual(await page('?offset=3&limit=5'));
  });

  it('is empty behind the last row', async () => {
    expect(await page('?offset=250&limit=10')).toEqual([]);
    expect(await page('?offset=9999&limit=10')).toEqual([]);
  });

  it('is shorter than the limit at the end and where the lake allows fewer rows', async () => {
    expect(await page('?offset=245&limit=10')).toHaveLength(5);
    lake.configure({ maxPageRows: 20 });
    expect(await page('?offset=0&limit=100')).toHaveLength(20);
  });

  it('holds as many rows as the bytes of a page allow, and at least one', async () => {
    const all = await page('');
    lake.configure({ maxPageBytes: 1_000 });
    const response = await client.result(queryId, '?offset=0&limit=100');
    const text = await response.text();
    const rows = JSON.parse(text).length;
    expect(text.length).toBeLessThanOrEqual(1_000);
    expect(text.length + JSON.stringify(all[rows]).length + 2).toBeGreaterThan(1_000);
    lake.configure({ maxPageBytes: 1 });
    expect(await page('?offset=0&limit=100')).toHaveLength(1);
  });

  it('has one row a page in the error table too', async () => {
    const failed = await client.ended('SELECT 1 FROM nowhere');
    expect(await pageOf(await client.result(failed, '?offset=1&limit=10'))).toEqual([]);
  });

  it.each(['?offset=-1', '?limit=many', '?offset=1.5'])('is refused for %s', async (query) => {
    expect((await client.result(queryId, query)).status).toBe(400);
  });
});

describe('a page past the last row', () => {
  const NONE = 'SELECT WHSEID FROM "CSWMS_wmwhse_TASKDETAIL" WHERE 1 = 0';

  it.each<[LakeSettings['pastEnd'], number, unknown]>([
    ['empty', 200, []],
    ['400', 400, { code: '400', message: expect.any(String) }],
    ['404', 404, { code: '404', message: expect.any(String) }],
    ['416', 416, { code: '416', message: expect.any(String) }],
    ['notAList', 200, {}],
  ])('is answered as set: %s', async (pastEnd, status, body) => {
    lake.configure({ pastEnd });
    for (const offset of [250, 251, 9999]) {
      const response = await client.result(queryId, `?offset=${offset}&limit=10`);
      expect([response.status, await response.json()]).toEqual([status, body]);
    }
  });

  it.each(['400', '404', '416', 'notAList'] as const)(
    'leaves every other page as it is: %s',
    async (pastEnd) => {
      lake.configure({ pastEnd });
      expect(await page('?offset=249&limit=10')).toHaveLength(1);
      expect(await page('?offset=249&limit=0')).toEqual([]);
      expect(await page('')).toHaveLength(250);
      const none = await client.ended(NONE);
      expect(await pageOf(await client.result(none, '?offset=0&limit=10'))).toEqual([]);
    },
  );

  it('is one behind offset 0 of an empty result', async () => {
    lake.configure({ pastEnd: '416' });
    const none = await client.ended(NONE);
    expect((await client.result(none, '?offset=1&limit=10')).status).toBe(416);
  });
});

describe('the format', () => {
  const inFormat = (query: string, accept: string) => client.result(queryId, query, accept);

  it('is a JSON array without an Accept of the others', async () => {
    const response = await inFormat('?limit=1', '*/*');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await pageOf(response)).toHaveLength(1);
  });

  it('is one object a line as NDJSON, and nothing at all without rows', async () => {
    const response = await inFormat('?limit=3', 'application/x-ndjson');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(await page('?limit=3'));
    expect(await (await inFormat('?offset=250', 'application/x-ndjson')).text()).toBe('');
  });

  it('is CSV with the header on every page', async () => {
    const response = await inFormat('?offset=4&limit=1', 'text/csv');
    expect(response.headers.get('content-type')).toBe('text/csv');
    const [row] = await page('?offset=4&limit=1');
    const lot = row?.LOT === ' ' ? '" "' : row?.LOT;
    expect(await response.text()).toBe(
      `WHSEID,TASKDETAILKEY,LOT\r\n${row?.WHSEID},${row?.TASKDETAILKEY},${lot}\r\n`,
    );
    const empty = await inFormat('?offset=250&limit=1', 'text/csv');
    expect(await empty.text()).toBe('WHSEID,TASKDETAILKEY,LOT\r\n');
  });
});
