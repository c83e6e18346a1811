import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient, pageOf } from './compass-client.js';

const TASKS = '"CSWMS_wmwhse_TASKDETAIL"';
const SQL = `SELECT WHSEID, SERIALKEY FROM ${TASKS} ORDER BY 1, 2`;

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 20 });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());
afterEach(() => {
  lake.clearFaults();
  lake.configure({ queryMs: 0 });
});

/** The body of the status in which a new query has ended. */
async function ended(sql = SQL): Promise<Record<string, unknown>> {
  const response = await client.status(await client.submit(sql));
  expect(response.status).toBe(201);
  // The lake is our own.
  return (await response.json()) as Record<string, unknown>;
}

const WHSEID = { name: 'WHSEID', datatype: 'String' };
const SERIALKEY = { name: 'SERIALKEY', datatype: 'Integer' };

describe('columns', () => {
  it.each<[string, Partial<Fault>, unknown]>([
    ['hides some', { hide: ['serialkey', 'NOPE'] }, [WHSEID]],
    ['shows more', { show: ['EXTRA'] }, [WHSEID, SERIALKEY, { name: 'EXTRA', datatype: 'String' }]],
    [
      'hides and shows',
      { hide: ['WHSEID'], show: ['whseid'] },
      [SERIALKEY, { name: 'whseid', datatype: 'String' }],
    ],
    ['empties the list', { columns: 'empty' }, []],
    ['leaves the list out', { columns: 'missing' }, undefined],
  ])('%s, in one status', async (_, which, columns) => {
    lake.fault({ kind: 'columns', ...which });
    const struck = await ended();
    expect(struck).toMatchObject({ status: 'FINISHED', location: 'result', queryDetails: {} });
    expect(struck.columns).toEqual(columns);
    expect((await ended()).columns).toEqual([WHSEID, SERIALKEY]);
  });

  it('leaves the rows as they are', async () => {
    lake.fault({ kind: 'columns', hide: ['WHSEID'] });
    expect(Object.keys((await client.rows(SQL))[0] ?? {})).toEqual(['WHSEID', 'SERIALKEY']);
  });
});

describe('statusTotal', () => {
  it('states the number of rows as rowCount', async () => {
    expect(await ended()).not.toHaveProperty('rowCount');
    lake.fault({ kind: 'statusTotal' });
    expect(await ended()).toMatchObject({ status: 'FINISHED', rowCount: 20 });
    expect(await ended()).not.toHaveProperty('rowCount');
  });

  it('states another number under another name', async () => {
    lake.fault({ kind: 'statusTotal', word: 'totalRows', rows: 7 });
    const body = await ended();
    expect(body).toMatchObject({ totalRows: 7 });
    expect(body).not.toHaveProperty('rowCount');
  });

  it('can be stated together with other columns', async () => {
    lake.fault({ kind: 'statusTotal' });
    lake.fault({ kind: 'columns', columns: 'empty' });
    expect(await ended()).toMatchObject({ rowCount: 20, columns: [] });
  });
});

describe.each(['columns', 'statusTotal'] as const)('%s counts FINISHED only', (kind) => {
  const fault: Fault = { kind, columns: 'missing', nth: 2, word: 'total' };
  const isStruck = (body: Record<string, unknown>) => !('columns' in body) || 'total' in body;

  it('and neither RUNNING, FAILED and unknown queries nor other calls', async () => {
    lake.fault(fault);
    expect(isStruck(await ended())).toBe(false);
    lake.configure({ queryMs: 200 });
    const slow = await client.submit(SQL);
    expect((await client.status(slow, 0)).status).toBe(202);
    lake.configure({ queryMs: 0 });
    await client.failure('SELECT 1 FROM nowhere');
    expect((await client.status('unknown')).status).toBe(404);
    expect(lake.faults()).toEqual([{ ...fault, struck: 0 }]);
    expect(isStruck(await ended())).toBe(true);
    expect(lake.faults()).toEqual([{ ...fault, struck: 1 }]);
  });

  it('and not a status that another fault answers', async () => {
    lake.fault({ ...fault, nth: 1 });
    lake.fault({ kind: 'unknownStatus' });
    const queryId = await client.submit(SQL);
    expect((await client.status(queryId)).status).toBe(202);
    expect(lake.faults()).toMatchObject([{ kind, struck: 0 }, { struck: 1 }]);
  });
});

describe('shortResult', () => {
  const COUNTED = `WITH d AS (SELECT WHSEID, SERIALKEY FROM ${TASKS}),
    t AS (SELECT COUNT(*) AS "TOTAL" FROM d) SELECT * FROM d CROSS JOIN t ORDER BY 1, 2`;

  it('loses the last row for good, though the rows state the total with it', async () => {
    const whole = await client.rows(COUNTED);
    lake.fault({ kind: 'shortResult' });
    const queryId = await client.ended(COUNTED);
    expect(await pageOf(await client.result(queryId))).toEqual(whole.slice(0, 19));
    expect(await pageOf(await client.result(queryId, '?offset=18&limit=5'))).toEqual([whole[18]]);
    expect(await pageOf(await client.result(queryId, '?offset=19&limit=5'))).toEqual([]);
    expect(whole[18]?.TOTAL).toBe('20');
    expect(await client.rows(COUNTED)).toEqual(whole);
  });

  it('loses as many rows as told, at most all', async () => {
    lake.fault({ kind: 'shortResult', rows: 6 });
    expect(await client.rows(SQL)).toHaveLength(14);
    lake.fault({ kind: 'shortResult', rows: 600 });
    expect(await client.rows(SQL)).toEqual([]);
  });

  it('leaves the number that a statusTotal states as it was', async () => {
    lake.fault({ kind: 'shortResult', rows: 3 });
    lake.fault({ kind: 'statusTotal' });
    expect(await ended()).toMatchObject({ rowCount: 20 });
  });
});
