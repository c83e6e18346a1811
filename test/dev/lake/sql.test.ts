import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

const TASKS = '"CSWMS_wmwhse_TASKDETAIL"';

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 200 });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());

async function one(sql: string): Promise<unknown> {
  const rows = await client.rows(sql);
  expect(rows).toHaveLength(1);
  return Object.values(rows[0] ?? {})[0];
}

describe('SELECT', () => {
  it.each([
    `SELECT COUNT(*) AS n FROM ${TASKS}`,
    'select count(*) as n from cswms_WMWHSE_taskdetail',
    `SELECT COUNT(*) AS n FROM ${TASKS} WHERE WHSEID IN ('wmwhse1', 'nowhere') OR 1 = 1`,
    `SELECT COUNT(*) AS n FROM (SELECT * FROM ${TASKS}) AS sub;`,
    `WITH tasks AS (SELECT * FROM ${TASKS}), again AS (SELECT * FROM tasks) SELECT COUNT(*) FROM again`,
    `SELECT COUNT(*) FROM ${TASKS} AS t LEFT JOIN "CSWMS_wmwhse_RECEIPT" r ON r.RECEIPTKEY = 'none'`,
    `SELECT SUM(n) FROM (SELECT WHSEID, COUNT(*) AS n FROM ${TASKS} GROUP BY WHSEID)`,
    `SELECT COUNT(*) FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY WHSEID ORDER BY SERIALKEY) AS r FROM ${TASKS})`,
    `SELECT SUM(CASE WHEN TASKTYPE = 'PK' THEN 1 ELSE 1 END) FROM ${TASKS}`,
    `SELECT COUNT(*) FROM ${TASKS} -- , nowhere\n /* FROM "nothing" OFFSET */`,
    `SELECT COUNT(*) FROM ${TASKS} WHERE 'OFFSET; infor.lastmodified() > TOP 1' <> ''`,
  ])('counts 200 tasks: %s', async (sql) => {
    expect(await one(sql)).toBe('200');
  });

  it('compares data by case, and names without', async () => {
    expect(await one(`SELECT COUNT(*) FROM ${TASKS} WHERE whseid = 'WMWHSE1'`)).toBe('0');
  });

  it('cuts off the last day when a date without a time is the upper bound', async () => {
    await lake.insert('CSWMS_wmwhse_TASKDETAIL', [
      { WHSEID: 'w', TASKDETAILKEY: '1', ADDDATE: '2024-12-31T00:00:00.000Z' },
      { WHSEID: 'w', TASKDETAILKEY: '2', ADDDATE: '2024-12-31T00:00:00.001Z' },
    ]);
    const where = "ADDDATE >= '2024-01-01' AND ADDDATE <= '2024-12-31'";
    expect(await one(`SELECT TASKDETAILKEY FROM ${TASKS} WHERE ${where}`)).toBe('1');
    const exact = "ADDDATE = '2024-12-31T00:00:00.001Z'";
    expect(await one(`SELECT TASKDETAILKEY FROM ${TASKS} WHERE ${exact}`)).toBe('2');
    await lake.delete('CSWMS_wmwhse_TASKDETAIL', { WHSEID: 'w' });
  });

  it('has YEAR and SUBSTRING of a CAST', async () => {
    const sql = `SELECT YEAR(ADDDATE) AS y, SUBSTRING(CAST(ADDDATE AS VARCHAR), 1, 4) AS s
      FROM ${TASKS} WHERE SERIALKEY = 1 AND WHSEID = 'wmwhse1'`;
    expect(await client.rows(sql)).toEqual([{ y: '2025', s: '2025' }]);
  });

  it('gives NULL for a CAST that fails', async () => {
    expect(await client.rows(`SELECT CAST('x' AS INTEGER) AS n, 1 AS m`)).toEqual([{ m: '1' }]);
  });

  it.each([
    `SELECT TOP 3 SERIALKEY FROM ${TASKS}`,
    `SELECT DISTINCT TOP (3) SERIALKEY FROM ${TASKS} ORDER BY SERIALKEY`,
    `SELECT SERIALKEY FROM ${TASKS} LIMIT 3`,
    `SELECT * FROM (SELECT TOP 3 SERIALKEY FROM ${TASKS}) t`,
    `SELECT TOP 1 WHSEID FROM ${TASKS} UNION ALL SELECT TOP 2 TASKTYPE FROM ${TASKS} ORDER BY 1`,
  ])('takes three rows: %s', async (sql) => {
    expect(await client.rows(sql)).toHaveLength(3);
  });

  it('lists the objects of the tenant in information_schema.tables', async () => {
    const rows = await client.rows('SELECT table_name FROM information_schema.tables');
    expect(rows.map((row) => row.table_name)).toEqual([
      'CSWMS_wmwhse_TASKDETAIL',
      'CSWMS_wmwhse_RECEIPT',
      'CSWMS_wmwhse_RECEIPTDETAIL',
      'CSWMS_wmwhse_ORDERS',
      'CSWMS_wmwhse_ORDERDETAIL',
    ]);
  });
});

describe('what a lake does not run', () => {
  it.each([
    ['an unknown column', `SELECT WHSEID,\n  NOPE FROM ${TASKS}`, '401', '2', '3'],
    ['an unknown object', 'SELECT * FROM "CSWMS_wmwhse1_TASKDETAIL"', '401', '1', '15'],
    [
      'an unknown object in a join',
      `SELECT 1 FROM ${TASKS} t\nJOIN nope n ON 1 = 1`,
      '401',
      '2',
      '6',
    ],
    ['an unknown object behind a comma', `SELECT 1 FROM ${TASKS} t, nope`, '401', '1', '44'],
    ['an unknown object of a view', "SELECT 1 FROM infor.includedeleted('X')", '401', '1', '15'],
    ['OFFSET', `SELECT WHSEID FROM ${TASKS} LIMIT 1 OFFSET 1`, '400', '1', '54'],
    ['EXTRACT', `SELECT EXTRACT(YEAR FROM ADDDATE) FROM ${TASKS}`, '400', '1', '8'],
    ['IS NOT TRUE', `SELECT 1 FROM ${TASKS} WHERE (QTY > 1) IS NOT TRUE`, '400', '1', '57'],
    ['GROUP BY ALL', `SELECT WHSEID FROM ${TASKS} GROUP BY ALL`, '400', '1', '55'],
    ['a syntax error', `SELECT WHSEID FROM ${TASKS} WHERE ORDER`, '400', '1', '52'],
    ['an unclosed quote', "SELECT 'x", '400', '1', '8'],
    ['two statements', 'SELECT 1; SELECT 2', '400', '1', '9'],
    ['DROP', `DROP VIEW ${TASKS}`, '400', '1', '1'],
    ['COPY', `COPY ${TASKS} TO '/tmp/x'`, '400', '1', '1'],
    ['ATTACH', "ATTACH '/tmp/x.db'", '400', '1', '1'],
    ['SET', 'SET enable_external_access = true', '400', '1', '1'],
    ['a parameter', 'SELECT ? AS x', '400', '1', '8'],
    ['a file by its name', "SELECT * FROM '/etc/passwd'", '400', '1', '15'],
    ['a file by a function', "SELECT * FROM read_text('/etc/passwd')", '401', '1', '15'],
    ['the tables behind the views', 'SELECT * FROM fabric.variations.x', '401', '1', '15'],
  ])('fails: %s', async (_, sql, messageCode, line, position) => {
    const failure = await client.failure(sql);
    expect(failure).toMatchObject({ messageCode, messageType: 'ERROR' });
    expect([failure.line, failure.position]).toEqual([line, position]);
    expect(JSON.stringify(failure)).not.toContain('__lake');
  });

  it('fails with the whole error table', async () => {
    const failure = await client.failure('SELECT 1 FROM nope');
    expect(Object.keys(failure)).toEqual([
      'messageCode',
      'messageCategory',
      'messageType',
      'message',
      'localizedMessage',
      'suggestedLocalizedText',
      'messageTime',
      'queryId',
      'line',
      'position',
    ]);
  });
});
