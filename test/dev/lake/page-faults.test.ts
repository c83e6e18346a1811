import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient, pageOf } from './compass-client.js';

const ALL = 'SELECT WHSEID, SERIALKEY FROM "CSWMS_wmwhse_TASKDETAIL" ORDER BY 1, 2';

let lake: Lake;
let client: CompassClient;
let queryId: string;
let all: Record<string, string>[];

beforeAll(async () => {
  lake = await startLake({ rows: 50 });
  client = new CompassClient(lake);
  queryId = await client.ended(ALL);
  all = await page('');
});
afterAll(() => lake.close());
afterEach(() => {
  lake.clearFaults();
  lake.configure({ pastEnd: 'empty', maxPageRows: 100_000 });
});

async function page(query: string, of = queryId): Promise<Record<string, string>[]> {
  return pageOf(await client.result(of, query));
}

describe('emptyPage', () => {
  it('answers 200 without rows, and the real page when it is asked for again', async () => {
    lake.fault({ kind: 'emptyPage' });
    const response = await client.result(queryId, '?offset=10&limit=9');
    expect([response.status, await pageOf(response)]).toEqual([200, []]);
    expect(await page('?offset=10&limit=9')).toEqual(all.slice(10, 19));
  });

  it('has the form of the format asked for', async () => {
    lake.fault({ kind: 'emptyPage', times: 2 });
    const ndjson = await client.result(queryId, '?limit=9', 'application/x-ndjson');
    expect(await ndjson.text()).toBe('');
    const csv = await client.result(queryId, '?limit=9', 'text/csv');
    expect(await csv.text()).toBe('WHSEID,SERIALKEY\r\n');
  });

  it('is empty past the last row too, where the lake would refuse the page', async () => {
    lake.configure({ pastEnd: '404' });
    lake.fault({ kind: 'emptyPage' });
    expect((await client.result(queryId, '?offset=50')).status).toBe(200);
    expect((await client.result(queryId, '?offset=50')).status).toBe(404);
  });
});

describe('repeatedPage', () => {
  it('answers the page before, whatever is asked for', async () => {
    await page('?offset=5&limit=4');
    lake.fault({ kind: 'repeatedPage' });
    expect(await page('?offset=9&limit=20')).toEqual(all.slice(5, 9));
    expect(await page('?offset=9&limit=20')).toEqual(all.slice(9, 29));
  });

  it('answers as many rows as that page had, not as it was allowed to have', async () => {
    lake.configure({ maxPageRows: 3 });
    await page('?offset=5&limit=40');
    lake.configure({ maxPageRows: 100_000 });
    lake.fault({ kind: 'repeatedPage' });
    expect(await page('?offset=8&limit=40')).toEqual(all.slice(5, 8));
  });

  it('answers the real page where the query has had none, whatever others had', async () => {
    const other = await client.ended(ALL);
    lake.fault({ kind: 'repeatedPage', times: 2 });
    expect(await page('?offset=20&limit=2', other)).toEqual(all.slice(20, 22));
    expect(await page('?offset=22&limit=2', other)).toEqual(all.slice(20, 22));
  });

  it('does not repeat a page that never arrived', async () => {
    await page('?offset=0&limit=3');
    lake.fault({ kind: 'cut', on: 'result' });
    const cut = await client.result(queryId, '?offset=3&limit=3');
    await expect(cut.text()).rejects.toThrow();
    lake.fault({ kind: 'repeatedPage' });
    expect(await page('?offset=3&limit=3')).toEqual(all.slice(0, 3));
  });
});

describe('longPage', () => {
  it('answers twice as many rows as asked for', async () => {
    lake.fault({ kind: 'longPage' });
    expect(await page('?offset=5&limit=6')).toEqual(all.slice(5, 17));
    expect(await page('?offset=5&limit=6')).toEqual(all.slice(5, 11));
  });

  it('answers no more than the result and a page have', async () => {
    lake.fault({ kind: 'longPage', times: 2 });
    expect(await page('?offset=45&limit=6')).toEqual(all.slice(45));
    lake.configure({ maxPageRows: 8 });
    expect(await page('?offset=0&limit=6')).toEqual(all.slice(0, 8));
  });
});

describe('ignoredOffset', () => {
  it('answers from the first row on', async () => {
    lake.fault({ kind: 'ignoredOffset' });
    expect(await page('?offset=20&limit=7')).toEqual(all.slice(0, 7));
    expect(await page('?offset=20&limit=7')).toEqual(all.slice(20, 27));
  });

  it('never reaches the end of the result', async () => {
    lake.fault({ kind: 'ignoredOffset' });
    expect(await page('?offset=50&limit=7')).toEqual(all.slice(0, 7));
  });
});

describe('pageStatus', () => {
  it.each<[Partial<Fault>, number]>([
    [{}, 404],
    [{ status: 416 }, 416],
    [{ status: 503 }, 503],
  ])('%o refuses the page with status %i', async (which, status) => {
    lake.fault({ kind: 'pageStatus', ...which });
    const response = await client.result(queryId, '?limit=1');
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ code: String(status), message: expect.any(String) });
    expect(await page('?limit=1')).toEqual(all.slice(0, 1));
  });
});

describe('notAList', () => {
  it('answers 200 with a JSON object', async () => {
    lake.fault({ kind: 'notAList' });
    const response = await client.result(queryId, '?limit=1');
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await page('?limit=1')).toEqual(all.slice(0, 1));
  });
});

it('the log has what was asked for and how many rows were answered', async () => {
  lake.fault({ kind: 'longPage' });
  await page('?offset=5&limit=6');
  expect(lake.requests.at(-1)).toMatchObject({ query: { offset: '5', limit: '6' }, rows: 12 });
});

describe('rawBytes', () => {
  it('puts bytes into the row that has the text, in place of it', async () => {
    const [, second] = all;
    const text = `"SERIALKEY":"${second?.SERIALKEY}"`;
    lake.fault({ kind: 'rawBytes', text, hex: '22410a22ff' });
    const bytes = Buffer.from(await (await client.result(queryId, '?limit=3')).arrayBuffer());
    const rows = bytes.toString('latin1').split('\n"');
    expect(rows).toHaveLength(2);
    expect(bytes.includes(Buffer.from('"A\n"\xff', 'latin1'))).toBe(true);
    expect(await page('?limit=3')).toEqual(all.slice(0, 3));
  });

  it('leaves a page as it is that lacks the text', async () => {
    lake.fault({ kind: 'rawBytes', text: 'nowhere', hex: 'ff' });
    expect(await page('?limit=3')).toEqual(all.slice(0, 3));
    expect(lake.faults()).toMatchObject([{ struck: 1 }]);
  });
});
