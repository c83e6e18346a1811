import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

const TASKS = 'SELECT WHSEID\nFROM "CSWMS_wmwhse_TASKDETAIL"';
const ORDERS = 'SELECT WHSEID FROM "CSWMS_wmwhse_ORDERS"';

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 20 });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());
afterEach(() => {
  lake.clearFaults();
  lake.configure({ refuseTotals: false });
});

describe('a fault with sql', () => {
  it('counts and strikes only submits of a matching statement', async () => {
    lake.fault({ kind: 'failed', sql: 'from "cswms_wmwhse_orders"', nth: 2 });
    await client.rows(ORDERS);
    await client.rows(TASKS);
    expect(lake.faults()).toMatchObject([{ struck: 0 }]);
    await client.failure(ORDERS);
    expect(lake.faults()).toMatchObject([{ struck: 1 }]);
  });

  it('makes a lake that refuses one form of statement', async () => {
    lake.fault({ kind: 'failed', sql: 'count\\(', every: 1, word: 'No aggregates.' });
    const count = ORDERS.replace('WHSEID', 'COUNT(*) AS n');
    for (let at = 0; at < 2; at++) {
      expect(await client.failure(count)).toMatchObject({ message: 'No aggregates.' });
      expect(await client.rows(ORDERS)).not.toEqual([]);
    }
  });

  it('matches over line breaks', async () => {
    lake.fault({ kind: 'failed', sql: 'WHSEID.FROM' });
    await client.failure(TASKS);
  });

  it.each(['status', 'result', 'cancel'] as const)('strikes a %s by its query', async (on) => {
    const request = (queryId: string) =>
      on === 'cancel'
        ? client.call(`/jobs/${queryId}/cancel`, { method: 'PUT' })
        : client[on](queryId);
    const tasks = await client.ended(TASKS);
    const orders = await client.ended(ORDERS);
    lake.fault({ kind: '504', on, sql: 'TASKDETAIL' });
    expect((await request(orders)).status).not.toBe(504);
    expect((await request('unknown')).status).toBe(404);
    expect((await request(tasks)).status).toBe(504);
    expect((await request(tasks)).status).not.toBe(504);
  });

  it('strikes a query that the lake has forgotten', async () => {
    const queryId = await client.ended(TASKS);
    lake.forgetResult(queryId);
    lake.fault({ kind: '500', on: 'result', sql: 'TASKDETAIL' });
    expect((await client.result(queryId)).status).toBe(500);
  });

  it('strikes only FINISHED statuses of its queries where the kind looks at those', async () => {
    lake.fault({ kind: 'columns', columns: 'empty', sql: 'TASKDETAIL' });
    await client.ended(ORDERS);
    expect(lake.faults()).toMatchObject([{ struck: 0 }]);
    await client.ended(TASKS);
    expect(lake.faults()).toMatchObject([{ struck: 1 }]);
  });

  it('strikes no token request', async () => {
    lake.fault({ kind: '500', sql: '', every: 1 });
    expect((await client.tokenRequest()).status).toBe(200);
  });

  it('is refused where its sql is no regular expression', () => {
    expect(() => lake.fault({ kind: 'failed', sql: '(' })).toThrow(SyntaxError);
    expect(lake.faults()).toEqual([]);
  });
});

describe('a lake that refuses totals', () => {
  const crossed = `WITH d AS (${TASKS}), t AS (SELECT COUNT(*) AS n FROM d)
    SELECT * FROM d cross  JOIN t`;

  it('fails a statement with a CROSS JOIN and says where', async () => {
    expect(await client.rows(crossed)).toHaveLength(20);
    lake.configure({ refuseTotals: true });
    expect(await client.failure(crossed)).toMatchObject({
      messageCode: '400',
      message: 'CROSS JOIN is not supported.',
      line: '3',
      position: '21',
    });
  });

  it('runs every other statement', async () => {
    lake.configure({ refuseTotals: true });
    expect(await client.rows(TASKS)).toHaveLength(20);
    expect(await client.rows("SELECT 'CROSS JOIN' AS x -- CROSS JOIN")).toHaveLength(1);
    const join = `SELECT 1 AS x FROM (${TASKS}) a JOIN (SELECT 1 AS one) b ON 1 = 1`;
    expect(await client.rows(join)).toHaveLength(20);
  });
});
