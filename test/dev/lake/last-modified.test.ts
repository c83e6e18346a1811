import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

const ORDERS = '"CSWMS_wmwhse_ORDERS"';
const LINES = '"CSWMS_wmwhse_ORDERDETAIL"';
const START = '2026-01-15T08:00:00.000Z';

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 0, now: START });
  client = new CompassClient(lake);
  for (const ORDERKEY of ['1', '2', '3']) {
    await lake.insert('CSWMS_wmwhse_ORDERS', [
      { WHSEID: 'wmwhse1', ORDERKEY, EDITDATE: '2020-01-01T00:00:00.000Z' },
    ]);
    await lake.insert(
      'CSWMS_wmwhse_ORDERDETAIL',
      [{ WHSEID: 'wmwhse1', ORDERKEY, SERIALKEY: Number(ORDERKEY) }],
      { at: '2026-01-01T00:00:00.000Z' },
    );
    lake.advance(1000);
  }
});
afterAll(() => lake.close());

/** Keys of the orders that a condition finds. */
async function orders(condition: string): Promise<string> {
  const rows = await client.rows(`SELECT ORDERKEY FROM ${ORDERS} WHERE ${condition} ORDER BY 1`);
  return rows.map((row) => row.ORDERKEY).join(' ');
}

describe('infor.lastmodified()', () => {
  it('is the time at which the lake indexed the record, not its EDITDATE', async () => {
    const rows = await client.rows(
      `SELECT ORDERKEY, infor.lastmodified() AS "at" FROM ${ORDERS} ORDER BY infor.lastmodified()`,
    );
    expect(rows).toEqual([
      { ORDERKEY: '1', at: '2026-01-15T08:00:00.000Z' },
      { ORDERKEY: '2', at: '2026-01-15T08:00:01.000Z' },
      { ORDERKEY: '3', at: '2026-01-15T08:00:02.000Z' },
    ]);
  });

  it('is the maximum of all, and missing for an object without records', async () => {
    const max = (object: string) =>
      client.rows(`SELECT MAX(infor.lastmodified()) AS "top" FROM ${object}`);
    expect(await max(ORDERS)).toEqual([{ top: '2026-01-15T08:00:02.000Z' }]);
    expect(await max('"CSWMS_wmwhse_RECEIPT"')).toEqual([{}]);
  });

  it('can be grouped and counted by', async () => {
    const rows = await client.rows(
      `SELECT infor.lastmodified(), COUNT(*) AS n FROM ${LINES} GROUP BY infor.lastmodified()`,
    );
    expect(rows).toEqual([{ 'infor.lastmodified()': '2026-01-01T00:00:00.000Z', n: '3' }]);
  });

  it.each([
    ["infor.lastmodified() >= '2026-01-15T08:00:01.000Z'", '2 3'],
    ["INFOR.LastModified() <= '2026-01-15T08:00:01.000Z'", '1 2'],
    ["infor.lastmodified() = '2026-01-15T08:00:01.000Z'", '2'],
    ["'2026-01-15T08:00:01.000Z' <= infor.lastmodified()", '2 3'],
    ["infor.lastmodified() BETWEEN '2026-01-15T08:00:00.500Z' AND '2026-01-15T08:00:01.500Z'", '2'],
    [
      "(infor.lastmodified() >= '2026-01-15') AND infor.lastmodified() <= '2026-01-15T08:00:00Z'",
      '1',
    ],
  ])('in WHERE: %s', async (condition, expected) => {
    expect(await orders(condition)).toBe(expected);
  });

  it.each([
    "infor.lastmodified() > '2026-01-15'",
    "infor.lastmodified() < '2026-01-15'",
    "infor.lastmodified() <> '2026-01-15'",
    "infor.lastmodified() IN ('2026-01-15')",
    'infor.lastmodified() IS NOT NULL',
    "ORDERKEY = '1' AND (infor.lastmodified() != '2026-01-15')",
  ])('is refused in WHERE: %s', async (condition) => {
    const failure = await client.failure(`SELECT 1 FROM ${ORDERS} WHERE ${condition}`);
    expect(failure.message).toContain('only =, >=, <= and BETWEEN');
  });

  it('takes the object or its alias, and needs it when there are several', async () => {
    const join = (call: string) =>
      `SELECT ${call} AS "at" FROM ${ORDERS} o JOIN ${LINES} ON o.ORDERKEY = ${LINES}.ORDERKEY
       WHERE o.ORDERKEY = '2'`;
    const order = [{ at: '2026-01-15T08:00:01.000Z' }];
    const line = [{ at: '2026-01-01T00:00:00.000Z' }];
    expect(await client.rows(join("infor.lastmodified('o')"))).toEqual(order);
    expect(await client.rows(join("infor.lastmodified('CSWMS_wmwhse_ORDERS')"))).toEqual(order);
    expect(await client.rows(join("infor.lastmodified('cswms_wmwhse_orderdetail')"))).toEqual(line);
    expect((await client.failure(join('infor.lastmodified()'))).message).toContain(
      'needs the object',
    );
    expect(await client.failure(join("infor.lastmodified('x')"))).toMatchObject({
      messageCode: '401',
    });
  });

  it('never shows in a SELECT *', async () => {
    for (const from of [ORDERS, `(SELECT * FROM ${ORDERS}) s`, `${ORDERS} a, ${ORDERS} b`]) {
      const [row] = await client.rows(`SELECT * FROM ${from}`);
      expect(Object.keys(row ?? {}).filter((name) => /lake|lastmodified/i.test(name))).toEqual([]);
    }
  });

  it('can have microseconds that are compared but not shown', async () => {
    lake.configure({ microseconds: true });
    await lake.insert('CSWMS_wmwhse_RECEIPT', [{ WHSEID: 'wmwhse1', RECEIPTKEY: '1' }], {
      at: START,
    });
    lake.configure({ microseconds: false });
    const count = async (upTo: string) => {
      const [row] = await client.rows(
        `SELECT COUNT(*) AS n, MAX(infor.lastmodified()) AS "top" FROM "CSWMS_wmwhse_RECEIPT"
         WHERE infor.lastmodified() <= '${upTo}'`,
      );
      return row;
    };
    expect(await count(START)).toEqual({ n: '0' });
    expect(await count('2026-01-15T08:00:00.001Z')).toEqual({ n: '1', top: START });
  });
});
