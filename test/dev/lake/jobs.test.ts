import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';
import { bodyOf, CompassClient, pageOf } from './compass-client.js';

const COUNT = 'SELECT COUNT(*) AS n FROM "CSWMS_wmwhse_TASKDETAIL"';

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 20 });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());
afterEach(() => {
  lake.configure({ queryMs: 0 });
  lake.clearRequests();
});

describe('the gateway', () => {
  it.each(['/ping', '/ping/'])('answers %s', async (path) => {
    expect((await client.call(path)).status).toBe(200);
  });

  it('answers 404 to a path that it lacks', async () => {
    expect((await client.call('/nothing')).status).toBe(404);
    expect((await fetch(`${lake.url}/OTHER_TST/DATAFABRIC/compass/v2/ping`)).status).toBe(404);
  });

  it('answers 405 to a wrong method', async () => {
    expect((await client.call('/jobs/', { method: 'DELETE' })).status).toBe(405);
  });
});

describe('submitting', () => {
  const submit = (type: string, body: string) =>
    client.call('/jobs/?queryExecutor=datalake', {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
    });

  it('answers 202 with the id of the running query', async () => {
    const response = await submit('text/plain; charset=utf-8', COUNT);
    expect(response.status).toBe(202);
    expect(await bodyOf(response)).toEqual({
      queryId: expect.any(String),
      status: 'RUNNING',
      location: expect.any(String),
    });
  });

  it('takes SQL as text/plain only', async () => {
    expect((await submit('application/json', COUNT)).status).toBe(415);
  });

  it('refuses an empty body', async () => {
    expect((await submit('text/plain', ' ')).status).toBe(400);
  });

  it('works without the slash at the end', async () => {
    const init = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: COUNT };
    expect((await client.call('/jobs', init)).status).toBe(202);
  });
});

describe('the status', () => {
  it('is 201 FINISHED with the columns when the query has ended', async () => {
    const response = await client.status(await client.submit(COUNT));
    expect(response.status).toBe(201);
    expect(await bodyOf(response)).toMatchObject({
      status: 'FINISHED',
      location: 'result',
      columns: [{ name: 'n', datatype: 'Integer' }],
      queryDetails: {},
    });
  });

  it('is 202 RUNNING while the query runs', async () => {
    lake.configure({ queryMs: 500 });
    const response = await client.status(await client.submit(COUNT), 0);
    expect(response.status).toBe(202);
    expect(await bodyOf(response)).toMatchObject({ status: 'RUNNING' });
  });

  it('waits for the end as long as asked', async () => {
    lake.configure({ queryMs: 1_500 });
    const queryId = await client.submit(COUNT);
    const waited = await client.status(queryId, 1);
    expect(waited.status).toBe(202);
    expect(lake.requests.at(-1)?.ms).toBeGreaterThan(900);
    expect((await client.status(queryId, 25)).status).toBe(201);
  });

  it('is 201 FAILED without the reason, which is in the result', async () => {
    const queryId = await client.submit('SELECT NOPE FROM "CSWMS_wmwhse_TASKDETAIL"');
    const response = await client.status(queryId);
    expect(response.status).toBe(201);
    const body = await bodyOf(response);
    expect(body).toMatchObject({ status: 'FAILED', queryId });
    expect(JSON.stringify(body)).not.toContain('NOPE');
    expect(await pageOf(await client.result(queryId))).toEqual([
      expect.objectContaining({ messageCode: '401', queryId, line: '1', position: '8' }),
    ]);
  });

  it('is 404 for an unknown query', async () => {
    expect((await client.status('00000000-0000-0000-0000-000000000000')).status).toBe(404);
  });
});

describe('cancelling', () => {
  it('ends a running query as 201 CANCELED', async () => {
    lake.configure({ queryMs: 60_000 });
    const queryId = await client.submit(COUNT);
    expect((await client.call(`/jobs/${queryId}/cancel/`, { method: 'PUT' })).status).toBe(200);
    const response = await client.status(queryId);
    expect(response.status).toBe(201);
    expect(await bodyOf(response)).toMatchObject({ status: 'CANCELED' });
    expect((await client.result(queryId)).status).toBe(400);
  });

  it('stops a query that the engine is busy with', async () => {
    const many = Array.from({ length: 8 }, (_, at) => `"CSWMS_wmwhse_TASKDETAIL" t${at}`);
    const queryId = await client.submit(`SELECT COUNT(*) AS n FROM ${many.join(', ')}`);
    expect((await client.status(queryId, 0)).status).toBe(202);
    await client.call(`/jobs/${queryId}/cancel`, { method: 'PUT' });
    expect(await bodyOf(await client.status(queryId))).toMatchObject({ status: 'CANCELED' });
  });
});

describe('a result', () => {
  it('is refused while the query runs', async () => {
    lake.configure({ queryMs: 500 });
    expect((await client.result(await client.submit(COUNT))).status).toBe(400);
  });

  it('is kept for 20 hours of the clock of the lake', async () => {
    const queryId = await client.ended(COUNT);
    lake.advance(20 * 3_600_000 - 1);
    client = new CompassClient(lake);
    expect((await client.result(queryId)).status).toBe(200);
    lake.advance(1);
    client = new CompassClient(lake);
    expect((await client.result(queryId)).status).toBe(404);
    expect((await client.status(queryId)).status).toBe(404);
  });

  it('can be forgotten by hand', async () => {
    const queryId = await client.ended(COUNT);
    expect(lake.forgetResult(queryId)).toBe(1);
    expect((await client.result(queryId)).status).toBe(404);
  });

  it('is frozen: what changes later is not in it', async () => {
    const sql = 'SELECT STATUS FROM "CSWMS_wmwhse_TASKDETAIL" WHERE SERIALKEY = 1';
    const queryId = await client.ended(sql);
    const before = await pageOf(await client.result(queryId));
    await lake.edit('CSWMS_wmwhse_TASKDETAIL', { SERIALKEY: 1 }, { STATUS: 'X' });
    expect(await pageOf(await client.result(queryId))).toEqual(before);
    expect(await client.rows(sql)).toContainEqual({ STATUS: 'X' });
  });
});

describe('the request log', () => {
  it('tells kind, status, SQL and rows of each request', async () => {
    await client.token();
    lake.clearRequests();
    const queryId = await client.ended(COUNT);
    await client.result(queryId, '?offset=0&limit=10');
    expect(lake.requests).toEqual([
      expect.objectContaining({ kind: 'submit', method: 'POST', status: 202, sql: COUNT, queryId }),
      expect.objectContaining({ kind: 'status', method: 'GET', status: 201, queryId }),
      expect.objectContaining({
        kind: 'result',
        status: 200,
        rows: 1,
        query: { offset: '0', limit: '10' },
      }),
    ]);
  });
});
