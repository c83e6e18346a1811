import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, type LakeObject, startLake } from '../../../dev/lake/index.js';
import { bodyOf, CompassClient, pageOf } from './compass-client.js';

/** The sync's data query: every row carries the totals of all. */

const PARTS: LakeObject = {
  name: 'PARTS',
  identity: ['SERIALKEY'],
  columns: [
    { name: 'SERIALKEY', type: 'integer' },
    { name: 'NAME', type: 'text' },
  ],
};
const START = '2026-01-15T08:00:00.000Z';

function withTotals(source: string, where = ''): string {
  return `WITH d AS (SELECT *, infor.lastmodified() AS "LAKE_MODIFIED" FROM ${source} ${where}),
    t AS (SELECT COUNT(*) AS "LAKE_ROWS",
      SUM(CAST("SERIALKEY" AS DECIMAL(38,0))) AS "LAKE_KEY_SUM" FROM d)
    SELECT * FROM d CROSS JOIN t`;
}

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 0, now: START, objects: [PARTS] });
  client = new CompassClient(lake);
  await lake.insert('PARTS', [
    { SERIALKEY: 1, NAME: 'a' },
    { SERIALKEY: 2, NAME: null },
    { SERIALKEY: 4, NAME: 'c' },
  ]);
  await lake.delete('PARTS', { SERIALKEY: 4 });
});
afterAll(() => lake.close());

const bySerial = (a: Record<string, string>, b: Record<string, string>) =>
  Number(a.SERIALKEY) - Number(b.SERIALKEY);

describe('the query with totals', () => {
  it('gives each row with the number of rows and the sum of their keys', async () => {
    const totals = {
      LAKE_MODIFIED: START,
      LAKE_ROWS: '2',
      LAKE_KEY_SUM: '3.000000000000000',
    };
    const rows = await client.rows(withTotals('"PARTS"'));
    expect(rows.toSorted(bySerial)).toEqual([
      { SERIALKEY: '1', NAME: 'a', ...totals },
      { SERIALKEY: '2', ...totals },
    ]);
  });

  it.each([
    ['deleted records too', "infor.includedeleted('PARTS')", '', '3', '7'],
    ['all variations', "infor.allvariations('PARTS')", '', '4', '11'],
    ['a stretch of index times', '"PARTS"', `WHERE infor.lastmodified() >= '${START}'`, '2', '3'],
    ['a stretch of keys', '"PARTS"', 'WHERE "SERIALKEY" >= 2', '1', '2'],
  ])('counts %s', async (_, source, where, rows, sum) => {
    expect((await client.rows(withTotals(source, where)))[0]).toMatchObject({
      LAKE_ROWS: rows,
      LAKE_KEY_SUM: `${sum}.000000000000000`,
    });
  });

  it('gives nothing at all, not even totals, without rows', async () => {
    expect(await client.rows(withTotals('"PARTS"', 'WHERE "SERIALKEY" > 9'))).toEqual([]);
  });

  it('lists the columns of the object and its own, and no hidden one', async () => {
    const columns = async (sql: string) =>
      (await bodyOf(await client.status(await client.submit(sql)))).columns;
    const own = [
      { name: 'SERIALKEY', datatype: 'Integer' },
      { name: 'NAME', datatype: 'String' },
    ];
    expect(await columns(withTotals("infor.includedeleted('PARTS')"))).toEqual([
      ...own,
      { name: 'LAKE_MODIFIED', datatype: 'Timestamp' },
      { name: 'LAKE_ROWS', datatype: 'Integer' },
      { name: 'LAKE_KEY_SUM', datatype: 'Decimal' },
    ]);
    expect(await columns("SELECT * FROM infor.includedeleted('PARTS') LIMIT 0")).toEqual(own);
  });

  it('sees one state of the lake while it changes', async () => {
    let done = false;
    const write = async () => {
      for (let serial = 100; !done; serial += 10) {
        await lake.insert('PARTS', [{ SERIALKEY: serial }, { SERIALKEY: serial + 1 }]);
        await lake.delete('PARTS', { SERIALKEY: serial });
      }
    };
    const writing = write();
    const seen = new Set<number>();
    for (let query = 0; query < 30; query++) {
      const rows = await client.rows(withTotals('"PARTS"'));
      const sum = rows.reduce((before, row) => before + Number(row.SERIALKEY), 0);
      expect(new Set(rows.map((row) => Number(row.LAKE_ROWS)))).toEqual(new Set([rows.length]));
      expect(new Set(rows.map((row) => Number(row.LAKE_KEY_SUM)))).toEqual(new Set([sum]));
      seen.add(sum);
    }
    done = true;
    await writing;
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe('a common table expression', () => {
  it.each([
    ['with named columns', 'WITH d(a) AS (SELECT SERIALKEY FROM "PARTS") SELECT a FROM d'],
    ['that is read twice', 'WITH d AS (SELECT 1 AS a) SELECT x.a FROM d x JOIN d y ON x.a = y.a'],
    [
      'that reads itself',
      'WITH RECURSIVE d AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM d WHERE a < 3) SELECT a FROM d',
    ],
  ])('%s works', async (_, sql) => {
    expect(Object.keys((await client.rows(sql))[0] ?? {})).toEqual(['a']);
  });

  it('keeps the place of an error in the client statement', async () => {
    const sql = 'WITH d AS (SELECT 1 AS a),\n e AS (SELECT NOPE FROM d) SELECT * FROM e';
    expect(await client.failure(sql)).toMatchObject({ line: '2', position: '15' });
  });

  it('gives its rows with a page that ends before the last one', async () => {
    const queryId = await client.ended(withTotals("infor.includedeleted('PARTS')"));
    const first = await pageOf(await client.result(queryId, '?offset=0&limit=1'));
    const second = await pageOf(await client.result(queryId, '?offset=1&limit=1'));
    expect(first[0]?.LAKE_ROWS).toBe(second[0]?.LAKE_ROWS);
    expect(first[0]?.SERIALKEY).not.toBe(second[0]?.SERIALKEY);
  });
});
