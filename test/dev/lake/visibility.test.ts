import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';
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
afterEach(() => {
  lake.configure({ visibilityDelayMs: 0, indexOffsetMs: 0 });
  client = new CompassClient(lake);
  lake.advance(3_600_000);
});

/** Status and index time of the order, as a query shows them; nothing where it shows no order. */
async function shown(
  orderKey = key.ORDERKEY,
): Promise<[] | [status: string | undefined, indexed: string | undefined]> {
  const [row] = await client.rows(
    `SELECT STATUS, infor.lastmodified() AS "at" FROM "${ORDERS}" WHERE ORDERKEY = '${orderKey}'`,
  );
  return row ? [row.STATUS, row.at] : [];
}

const at = (ms: number) => new Date(ms).toISOString();

describe('a delayed write', () => {
  beforeEach(() => {
    lake.configure({ visibilityDelayMs: 1_000 });
  });

  it('is visible to queries when the clock has moved by the delay, with its own index time', async () => {
    const before = await shown();
    const now = lake.now().getTime();
    expect(await lake.edit(ORDERS, key, { STATUS: '17' })).toBe(0);
    lake.advance(999);
    expect(await shown()).toEqual(before);
    lake.advance(1);
    expect(await shown()).toEqual(['17', at(now)]);
  });

  it('is visible to the controls at the same time', async () => {
    const status = async () => (await lake.rows(ORDERS, { where: key }))[0]?.STATUS;
    await lake.edit(ORDERS, key, { STATUS: '17' });
    expect(await status()).toBe('00');
    expect(await lake.variations(ORDERS, { where: key })).toHaveLength(1);
    lake.advance(1_000);
    expect(await status()).toBe('17');
    expect(await lake.variations(ORDERS, { where: key })).toHaveLength(2);
  });

  it('returns the rows of an insert and 0 for a change', async () => {
    expect(await lake.insert(ORDERS, [{ ...key, STATUS: '17' }])).toBe(1);
    expect(await lake.delete(ORDERS, key)).toBe(0);
    lake.advance(1_000);
    expect(await lake.revive(ORDERS, key)).toBe(0);
    expect(await shown()).toEqual([]);
    lake.advance(1_000);
    expect((await shown())[0]).toBe('17');
  });

  it('is carried out after those that became visible earlier, whenever they were planned', async () => {
    lake.configure({ visibilityDelayMs: 5_000 });
    await lake.edit(ORDERS, key, { STATUS: 'slow' });
    lake.configure({ visibilityDelayMs: 1_000 });
    await lake.edit(ORDERS, key, { STATUS: 'fast' });
    lake.advance(10_000);
    const variations = await lake.variations(ORDERS, { where: key });
    expect(variations.map(({ values }) => values.STATUS)).toEqual(['00', 'fast', 'slow']);
  });

  it('is overtaken by a write without a delay', async () => {
    await lake.edit(ORDERS, key, { STATUS: 'late' });
    lake.configure({ visibilityDelayMs: 0 });
    expect(await lake.edit(ORDERS, key, { STATUS: 'soon' })).toBe(1);
    expect((await shown())[0]).toBe('soon');
    lake.advance(1_000);
    expect((await shown())[0]).toBe('late');
  });

  it('is in no result that was frozen before, and in all after', async () => {
    await lake.insert(ORDERS, [{ ...key, ORDERKEY: `x${key.ORDERKEY}`, STATUS: '02' }]);
    const queryId = await client.ended(`SELECT COUNT(*) AS n FROM "${ORDERS}"`);
    const before = await (await client.result(queryId)).text();
    lake.advance(1_000);
    expect((await shown(`x${key.ORDERKEY}`))[0]).toBe('02');
    expect(await (await client.result(queryId)).text()).toBe(before);
  });

  it('is refused at once for an object that the lake lacks', async () => {
    await expect(lake.edit('NOPE', key, {})).rejects.toThrow('no object NOPE');
    await expect(lake.insert('NOPE', [{}])).rejects.toThrow('no object NOPE');
  });

  it('that fails makes the next query fail, once, and keeps no other from being applied', async () => {
    await lake.edit(ORDERS, key, { NOPE: 1 });
    await lake.edit(ORDERS, key, { STATUS: '17' });
    lake.advance(1_000);
    expect((await client.failure('SELECT 1 AS x')).message).toContain('no column NOPE');
    expect((await shown())[0]).toBe('17');
  });

  it('that fails makes the next control fail', async () => {
    await lake.edit(ORDERS, key, { NOPE: 1 });
    lake.advance(1_000);
    await expect(lake.rows(ORDERS)).rejects.toThrow('no column NOPE');
  });
});

describe('the index time', () => {
  it.each([
    ['ahead', 90_000],
    ['behind', -90_000],
  ])('can be %s of the clock of the lake', async (_, indexOffsetMs) => {
    lake.configure({ indexOffsetMs });
    await lake.edit(ORDERS, key, { STATUS: '17' });
    expect(await shown()).toEqual(['17', at(lake.now().getTime() + indexOffsetMs)]);
  });

  it('is the one that a write names, whatever the offset', async () => {
    lake.configure({ indexOffsetMs: 90_000 });
    await lake.edit(ORDERS, key, { STATUS: '17' }, { at: '2030-01-01T00:00:00.000Z' });
    expect(await shown()).toEqual(['17', '2030-01-01T00:00:00.000Z']);
  });
});
