import { beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const LINES = 'CSWMS_wmwhse_ORDERDETAIL'; // identity is SERIALKEY: a business key can be used again
const { lake, call, sync, expectEqual, db } = await startBackend({ rows: 0 });
await call('init-sync-config', { body: {} });

const line = (serial: number, key: string) => ({
  SERIALKEY: serial,
  WHSEID: 'wmwhse1',
  ORDERKEY: key,
  ORDERLINENUMBER: '00001',
  OPENQTY: serial,
});
const stored = (key: string) =>
  db.collection('orderdetails').findOne({ _id: `wmwhse1|${key}|00001` as never });
const later = () => lake.advance(1000);
let serial = 1;

await lake.insert(LINES, [line(1, 'first')]);
await sync('orderdetail');
beforeEach(() => {
  lake.advance(2 * 3_600_000);
});

describe('a stored row that is deleted, and its key used and deleted again,', () => {
  it.each([1, 2, 5_000])('ends deleted, read %i rows a page', async (batchSize) => {
    const key = `again-${batchSize}`;
    serial += 2;
    await lake.insert(LINES, [line(serial, key)]);
    await sync('orderdetail');
    later();
    await lake.delete(LINES, { SERIALKEY: serial });
    later();
    await lake.insert(LINES, [line(serial + 1, key)]);
    later();
    await lake.delete(LINES, { SERIALKEY: serial + 1 });
    await sync('orderdetail', { batchSize });
    expect(await stored(key)).toMatchObject({ _lake: { deletedAt: expect.any(Date) } });
    await expectEqual('orderdetail');
  });
});

describe('the live row of a key that was used again', () => {
  it.each([1, 2, 5_000])(
    'takes the place of its predecessor, though that was indexed later, read %i rows a page',
    async (batchSize) => {
      const key = `inverted-${batchSize}`;
      serial += 2;
      await lake.insert(LINES, [line(serial, key)]);
      await sync('orderdetail');
      // The new row is indexed before the last edit of the one before it, then that is deleted.
      later();
      await lake.insert(LINES, [line(serial + 1, key)]);
      later();
      await lake.edit(LINES, { SERIALKEY: serial }, { OPENQTY: 0 });
      await sync('orderdetail');
      later();
      await lake.delete(LINES, { SERIALKEY: serial });
      await sync('orderdetail', { batchSize });
      await sync('orderdetail', { batchSize });
      expect(await stored(key)).toMatchObject({ SERIALKEY: serial + 1 });
      await expectEqual('orderdetail');
    },
  );
});

describe('a row that is looked up once more', () => {
  it('is found although the lake refuses to state totals from then on', async () => {
    serial += 2;
    await lake.insert(LINES, [line(serial, 'looked-up')]);
    await sync('orderdetail');
    const newer = { $set: { '_lake.modifiedAt': new Date(lake.now().getTime() + 60_000) } };
    await db.collection('orderdetails').updateOne({ SERIALKEY: serial }, newer);
    let asked = 0;
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind !== 'submit' || !sql?.includes('"ORDERKEY" = ')) return;
      asked++;
      lake.configure({ refuseTotals: true });
    });
    const { body } = await call('sync-table', { body: { tableId: 'orderdetail', mode: 'full' } });
    lake.beforeCall(undefined);
    lake.configure({ refuseTotals: false });
    expect(asked).toBeGreaterThan(1);
    expect(body.code).toBe('LAKE_TIMES_WENT_BACK');
  });
});
