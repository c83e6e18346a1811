import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Lake, type LakeObject, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

const ORDERS = 'CSWMS_wmwhse_ORDERS';
const PLACES: LakeObject = {
  name: 'PLACES',
  identity: ['WHSEID', 'LOC'],
  columns: [
    { name: 'WHSEID', type: 'text' },
    { name: 'LOC', type: 'text' },
    { name: 'ZONE', type: 'text' },
  ],
};

let lake: Lake;
let client: CompassClient;
let key: { WHSEID: string; ORDERKEY: string };
let nextKey = 1;

beforeAll(async () => {
  lake = await startLake({ rows: 0 });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());
beforeEach(async () => {
  key = { WHSEID: 'wmwhse1', ORDERKEY: String(nextKey++).padStart(10, '0') };
  await lake.insert(ORDERS, [{ ...key, STATUS: '00', SERIALKEY: nextKey }]);
});

/** The statuses of the order that a view of it shows. */
async function statuses(view: string): Promise<string[]> {
  const rows = await client.rows(
    `SELECT STATUS FROM ${view} WHERE ORDERKEY = '${key.ORDERKEY}' ORDER BY STATUS`,
  );
  return rows.map((row) => row.STATUS ?? '');
}
const plain = () => statuses(`"${ORDERS}"`);
const includeDeleted = () => statuses(`infor.includedeleted('${ORDERS}')`);
const allVariations = () => statuses(`infor.allvariations('${ORDERS}') AS v`);

describe('the views of an object', () => {
  it('show the highest variation of each record, or all of them', async () => {
    await lake.edit(ORDERS, key, { STATUS: '17' });
    expect(await plain()).toEqual(['17']);
    expect(await includeDeleted()).toEqual(['17']);
    expect(await allVariations()).toEqual(['00', '17']);
  });

  it('leave a deleted record out of the plain one only', async () => {
    await lake.delete(ORDERS, key);
    expect(await plain()).toEqual([]);
    expect(await includeDeleted()).toEqual(['00']);
    expect(await allVariations()).toEqual(['00', '00']);
  });

  it('show a deleted record again when it is revived', async () => {
    await lake.delete(ORDERS, key);
    await lake.revive(ORDERS, key, { STATUS: '99' });
    expect(await plain()).toEqual(['99']);
  });

  it('show the later one of two rows of one record in one insert', async () => {
    await lake.insert(ORDERS, [
      { ...key, STATUS: '02' },
      { ...key, STATUS: '04' },
    ]);
    expect(await plain()).toEqual(['04']);
    expect(await allVariations()).toEqual(['00', '02', '04']);
  });
});

describe('a delete', () => {
  const flags = async (object: string, column: string) =>
    (await client.rows(`SELECT * FROM infor.includedeleted('${object}')`)).map(
      (row) => row[column],
    );

  it('sets the flag of the object, whose form differs', async () => {
    const rows = [
      { WHSEID: 'w', TASKDETAILKEY: '1', SERIALKEY: 1 },
      { WHSEID: 'w', TASKDETAILKEY: '2', SERIALKEY: 2 },
    ];
    await lake.insert('CSWMS_wmwhse_TASKDETAIL', rows);
    await lake.delete('CSWMS_wmwhse_TASKDETAIL', { TASKDETAILKEY: '1' });
    expect((await flags('CSWMS_wmwhse_TASKDETAIL', 'DELETED')).sort()).toEqual(['true', undefined]);

    await lake.insert('CSWMS_wmwhse_ORDERDETAIL', [{ SERIALKEY: 1 }, { SERIALKEY: 2 }]);
    await lake.delete('CSWMS_wmwhse_ORDERDETAIL', { SERIALKEY: 1 });
    expect((await flags('CSWMS_wmwhse_ORDERDETAIL', 'Deleted')).sort()).toEqual(['N', 'Y']);

    await lake.delete(ORDERS, key);
    expect(await flags(ORDERS, 'deleted')).toContain('true');
    expect(await flags(ORDERS, 'deleted')).toContain('false');
  });

  it('cannot be seen in an object without a flag', async () => {
    await lake.insert('CSWMS_wmwhse_RECEIPT', [{ WHSEID: 'w', RECEIPTKEY: '1' }]);
    const before = await client.rows("SELECT * FROM infor.includedeleted('CSWMS_wmwhse_RECEIPT')");
    await lake.delete('CSWMS_wmwhse_RECEIPT', { RECEIPTKEY: '1' });
    const after = await client.rows("SELECT * FROM infor.includedeleted('CSWMS_wmwhse_RECEIPT')");
    expect(after).toEqual(before);
    expect(await client.rows('SELECT * FROM "CSWMS_wmwhse_RECEIPT"')).toEqual([]);
  });

  it('can leave nothing but the identity', async () => {
    await lake.delete(ORDERS, key, { keysOnly: true });
    expect(await lake.rows(ORDERS, { includeDeleted: true, where: key })).toEqual([
      { ...key, deleted: 'true' },
    ]);
  });

  it('lets the business key be used again where SERIALKEY is the identity', async () => {
    const line = { WHSEID: 'w', ORDERKEY: '77', ORDERLINENUMBER: '00001' };
    await lake.insert('CSWMS_wmwhse_ORDERDETAIL', [{ ...line, SERIALKEY: 70 }]);
    await lake.delete('CSWMS_wmwhse_ORDERDETAIL', { SERIALKEY: 70 });
    await lake.insert('CSWMS_wmwhse_ORDERDETAIL', [{ ...line, SERIALKEY: 71 }]);
    const rows = await client.rows(
      "SELECT SERIALKEY, Deleted FROM infor.includedeleted('CSWMS_wmwhse_ORDERDETAIL') WHERE ORDERKEY = '77' ORDER BY 1",
    );
    expect(rows).toEqual([
      { SERIALKEY: '70', Deleted: 'Y' },
      { SERIALKEY: '71', Deleted: 'N' },
    ]);
  });
});

describe('the controls', () => {
  it('index a change at the now of the lake, or when told', async () => {
    const now = lake.advance(60_000).toISOString();
    await lake.edit(ORDERS, key, { STATUS: '17' });
    await lake.edit(ORDERS, key, { STATUS: '55' }, { at: new Date('2030-01-01') });
    const variations = await lake.variations(ORDERS, { where: key });
    expect(variations.slice(1).map(({ lastModified }) => lastModified)).toEqual([
      now,
      '2030-01-01T00:00:00.000Z',
    ]);
    expect(variations.map(({ highest }) => highest)).toEqual([false, false, true]);
  });

  it('tell how many records they changed', async () => {
    expect(await lake.edit(ORDERS, key, { STATUS: '17' })).toBe(1);
    expect(await lake.revive(ORDERS, key)).toBe(0);
    expect(await lake.delete(ORDERS, key)).toBe(1);
    expect(await lake.delete(ORDERS, key)).toBe(0);
    expect(await lake.edit(ORDERS, key, { STATUS: '18' })).toBe(0);
    expect(await lake.edit(ORDERS, "ORDERKEY = 'none'", {})).toBe(0);
  });

  it('read and change columns under names in any case, and NULL as null', async () => {
    await lake.edit(ORDERS, { whseid: 'wmwhse1', orderkey: key.ORDERKEY }, { status: null });
    expect(await lake.rows(ORDERS, { where: { ...key, STATUS: null } })).toHaveLength(1);
  });

  it('refuse a column that the object lacks, until it is added', async () => {
    const insert = () => lake.insert('PLACES', [{ WHSEID: 'w', LOC: 'A1', EXTRA: '1' }]);
    await lake.defineObject(PLACES);
    await expect(insert()).rejects.toThrow('PLACES has no column EXTRA');
    await lake.addColumn('PLACES', { name: 'EXTRA', type: 'integer' });
    await insert();
    expect(await client.rows('SELECT * FROM "PLACES"')).toEqual([
      { WHSEID: 'w', LOC: 'A1', EXTRA: '1' },
    ]);
  });

  it('refuse to change the identity of a record', async () => {
    await expect(lake.edit(ORDERS, key, { ORDERKEY: 'x' })).rejects.toThrow('ORDERKEY');
  });

  it('name an object that the lake lacks', async () => {
    await expect(lake.insert('NOPE', [{ A: 1 }])).rejects.toThrow('no object NOPE');
  });
});
