import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, startLake, type WireRow } from '../../../dev/lake/index.js';
import { bodyOf, CompassClient } from './compass-client.js';

const NOW = '2026-01-15T08:00:00.000Z';
const COUNTS = {
  TASKDETAIL: 2_400,
  RECEIPT: 60,
  RECEIPTDETAIL: 60,
  ORDERS: 300,
  ORDERDETAIL: 300,
};

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 2_400, now: NOW });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());

const object = (table: string) => `CSWMS_wmwhse_${table}`;
const rowsOf = (table: string) => lake.rows(object(table));
const one = async (sql: string): Promise<WireRow> => (await client.rows(sql))[0] ?? {};

describe('seeded rows', () => {
  it.each(Object.entries(COUNTS))('of %s are at least %i', async (table, expected) => {
    const { n } = await one(`SELECT COUNT(*) AS n FROM "${object(table)}"`);
    if (table.endsWith('DETAIL') && table !== 'TASKDETAIL') {
      expect(Number(n)).toBeGreaterThan(expected * 2);
    } else {
      expect(Number(n)).toBe(expected);
    }
  });

  it('are the same for the same seed, and others for another', async () => {
    const [same, other] = await Promise.all([
      startLake({ rows: 400, now: NOW }),
      startLake({ rows: 400, now: NOW, seed: 2 }),
    ]);
    const again = await startLake({ rows: 400, now: NOW, seed: 1 });
    for (const table of Object.keys(COUNTS)) {
      const marks = (of: Lake) => of.variations(object(table));
      expect(await marks(again)).toEqual(await marks(same));
      expect(await marks(other)).not.toEqual(await marks(same));
    }
    await Promise.all([same.close(), other.close(), again.close()]);
  });

  it.each(Object.keys(COUNTS))(
    'of %s have a surrogate key unique in the warehouse',
    async (table) => {
      const rows = await rowsOf(table);
      const serials = new Set(rows.map((row) => `${row.WHSEID}|${row.SERIALKEY}`));
      expect(serials.size).toBe(rows.length);
      expect(new Set(rows.map((row) => row.SERIALKEY)).size).toBeLessThan(rows.length);
    },
  );

  it('come from ten warehouses of different size', async () => {
    const rows = await client.rows(
      `SELECT WHSEID, COUNT(*) AS n FROM "${object('TASKDETAIL')}" GROUP BY WHSEID ORDER BY COUNT(*) DESC, WHSEID`,
    );
    expect(rows).toHaveLength(10);
    expect(rows[0]).toEqual({ WHSEID: 'wmwhse1', n: '720' });
    expect(rows.at(-1)?.n).toBe('120');
  });

  it('have the mix of task types of a demo tenant', async () => {
    const rows = await client.rows(
      `SELECT TASKTYPE, COUNT(*) AS n FROM "${object('TASKDETAIL')}" GROUP BY TASKTYPE ORDER BY COUNT(*) DESC`,
    );
    expect(rows[0]?.TASKTYPE).toBe('PK');
    expect(Number(rows[0]?.n) / 2_400).toBeCloseTo(6_945 / 22_203, 1);
    expect(rows.length).toBeGreaterThan(12);
  });

  it('are indexed minutes after their EDITDATE, and before the clock of the lake', async () => {
    for (const table of Object.keys(COUNTS)) {
      for (const { values, lastModified } of await lake.variations(object(table))) {
        const { ADDDATE = '', EDITDATE = '' } = values;
        const minutes = (Date.parse(lastModified) - Date.parse(EDITDATE)) / 60_000;
        expect(EDITDATE >= ADDDATE && lastModified < NOW).toBe(true);
        expect(minutes).toBeGreaterThanOrEqual(1);
        expect(minutes).toBeLessThanOrEqual(10);
      }
    }
  });

  it('of untouched tasks end when they start', async () => {
    const tasks = await rowsOf('TASKDETAIL');
    const pending = tasks.filter((task) => task.STATUS === '0');
    expect(pending.length).toBeGreaterThan(100);
    expect(pending.every((task) => task.ENDTIME === task.STARTTIME)).toBe(true);
    expect(tasks.some((task) => task.ENDTIME !== task.STARTTIME)).toBe(true);
  });

  it('of putaways name a receipt and a line', async () => {
    const receipts = new Set(
      (await rowsOf('RECEIPT')).map((row) => `${row.WHSEID}|${row.RECEIPTKEY}`),
    );
    const putaways = (await rowsOf('TASKDETAIL')).filter((task) => task.TASKTYPE === 'PA');
    for (const { WHSEID, SOURCEKEY = '' } of putaways) {
      expect(SOURCEKEY).toMatch(/^\d{15}$/);
      expect(receipts).toContain(`${WHSEID}|${SOURCEKEY.slice(0, 10)}`);
    }
  });

  it.each([
    ['ORDERDETAIL', 'ORDERS', 'ORDERKEY', 'ORDERLINENUMBER'],
    ['RECEIPTDETAIL', 'RECEIPT', 'RECEIPTKEY', 'RECEIPTLINENUMBER'],
  ])('of %s are numbered lines of a row of %s', async (lines, headers, key, number) => {
    const known = new Map(
      (await rowsOf(headers)).map((row) => [`${row.WHSEID}|${row[key]}`, row.STORERKEY]),
    );
    const numbers = new Set<string | undefined>();
    for (const line of await rowsOf(lines)) {
      expect(known.get(`${line.WHSEID}|${line[key]}`)).toBe(line.STORERKEY);
      numbers.add(line[number]);
    }
    expect(numbers).toContain('00001');
    expect(numbers.size).toBeGreaterThan(3);
  });

  it('hold empty and blank texts, fractions and characters of other scripts', async () => {
    const tasks = await rowsOf('TASKDETAIL');
    expect(tasks.some((task) => task.FROMID === '') && tasks.some((task) => task.LOT === ' ')).toBe(
      true,
    );
    expect(tasks.some((task) => /[1-9]0*$/.test(task.QTY?.split('.')[1] ?? ''))).toBe(true);
    expect((await rowsOf('ORDERS')).some((order) => order.C_CITY === '東京')).toBe(true);
  });

  it('have padded keys and users with e-mail addresses', async () => {
    for (const task of await rowsOf('TASKDETAIL')) {
      expect(task.TASKDETAILKEY).toMatch(/^\d{10}$/);
      expect(task.ADDWHO).toMatch(/@example\.com$/);
    }
  });

  it('take about 1.3 KB of JSON for a task', async () => {
    const tasks = await rowsOf('TASKDETAIL');
    const bytes = Buffer.byteLength(JSON.stringify(tasks)) / tasks.length;
    expect(bytes).toBeGreaterThan(1_200);
    expect(bytes).toBeLessThan(1_500);
  });
});

describe('the objects', () => {
  const columnsOf = async (table: string): Promise<string[]> => {
    const queryId = await client.ended(`SELECT * FROM "${object(table)}" LIMIT 1`);
    const { columns } = await bodyOf(await client.status(queryId));
    return columns.map((column) => column.name);
  };

  it('have the columns of the WMS', async () => {
    expect(await columnsOf('TASKDETAIL')).toEqual(
      expect.arrayContaining(['SCHEMA_REFERENCE', 'EXT_UDF_STR1', 'EXT_UDF_LKUP10', 'DELETED']),
    );
    expect(await columnsOf('TASKDETAIL')).toHaveLength(64 + 21 + 40 + 1);
    expect(await columnsOf('RECEIPTDETAIL')).toEqual(expect.arrayContaining(['LOTTABLE12']));
    expect(await columnsOf('ORDERS')).toEqual(expect.arrayContaining(['C_ADDRESS6', 'SUSR5']));
    expect(await columnsOf('RECEIPT')).not.toContain('DELETED');
  });

  it('leave 64 columns in a row of a task at most, the others being NULL', async () => {
    const names = new Set((await rowsOf('TASKDETAIL')).flatMap((task) => Object.keys(task)));
    expect(names.size).toBe(64);
  });
});
