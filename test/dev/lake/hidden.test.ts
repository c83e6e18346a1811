import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectLake, type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

const ORDERS = 'CSWMS_wmwhse_ORDERS';

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
  await lake.insert(ORDERS, [{ ...key, STATUS: '00' }]);
});
afterEach(async () => {
  await lake.show(ORDERS);
});

describe('a hidden record', () => {
  const indexed = () =>
    client.rows(
      `SELECT infor.lastmodified() AS "at" FROM "${ORDERS}" WHERE ORDERKEY = '${key.ORDERKEY}'`,
    );
  const count = async (view: string) => {
    const [row] = await client.rows(
      `SELECT COUNT(*) AS n FROM ${view} WHERE ORDERKEY = '${key.ORDERKEY}'`,
    );
    return Number(row?.n);
  };
  const counts = async () => [
    await count(`"${ORDERS}"`),
    await count(`infor.includedeleted('${ORDERS}')`),
    await count(`infor.allvariations('${ORDERS}')`),
  ];

  it('is in no view until it is shown, with the index time that it had', async () => {
    await lake.edit(ORDERS, key, { STATUS: '17' });
    const before = await indexed();
    lake.advance(1_000);
    expect(await lake.hide(ORDERS, key)).toBe(1);
    expect(await counts()).toEqual([0, 0, 0]);
    expect(await lake.show(ORDERS, key)).toBe(1);
    expect(await counts()).toEqual([1, 1, 2]);
    expect(await indexed()).toEqual(before);
  });

  it('leaves the others as they are', async () => {
    await lake.insert(ORDERS, [{ ...key, WHSEID: 'wmwhse2' }]);
    expect(await lake.hide(ORDERS, `ORDERKEY = '${key.ORDERKEY}' AND WHSEID = 'wmwhse2'`)).toBe(1);
    expect(await counts()).toEqual([1, 1, 1]);
  });

  it('is counted when it is hidden or shown, not when it is already', async () => {
    await lake.insert(ORDERS, [{ ...key, WHSEID: 'wmwhse2' }]);
    const where = { ORDERKEY: key.ORDERKEY };
    expect(await lake.hide(ORDERS, key)).toBe(1);
    expect(await lake.hide(ORDERS, where)).toBe(1);
    expect(await lake.show(ORDERS, key)).toBe(1);
    expect(await lake.show(ORDERS)).toBe(1);
    expect(await lake.show(ORDERS)).toBe(0);
  });

  it('stays hidden whatever is written to it', async () => {
    await lake.hide(ORDERS, key);
    await lake.insert(ORDERS, [{ ...key, STATUS: '02' }]);
    expect(await lake.edit(ORDERS, key, { STATUS: '04' })).toBe(1);
    expect(await lake.delete(ORDERS, key)).toBe(1);
    expect(await counts()).toEqual([0, 0, 0]);
    await lake.show(ORDERS, key);
    expect(await counts()).toEqual([0, 1, 4]);
  });

  it('can be a deleted one', async () => {
    await lake.delete(ORDERS, key);
    expect(await lake.hide(ORDERS, key)).toBe(1);
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('is seen by the controls', async () => {
    await lake.hide(ORDERS, key);
    expect(await lake.rows(ORDERS, { where: key })).toHaveLength(1);
    expect(await lake.variations(ORDERS, { where: key })).toHaveLength(1);
  });

  it('is hidden in an object that has got another column', async () => {
    await lake.hide(ORDERS, key);
    await lake.addColumn(ORDERS, { name: 'EXTRA', type: 'text' });
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('can be hidden and shown over HTTP', async () => {
    const remote = connectLake(lake.url);
    expect(await remote.hide(ORDERS, key)).toBe(1);
    expect(await counts()).toEqual([0, 0, 0]);
    expect(await remote.show(ORDERS)).toBe(1);
    expect(await counts()).toEqual([1, 1, 1]);
  });
});
