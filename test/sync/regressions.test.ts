import { beforeEach, describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

// Histories that once went wrong, reduced.

const HOUR_MS = 3_600_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const ORDER_LINES = 'CSWMS_wmwhse_ORDERDETAIL'; // identity is SERIALKEY, tells deletes
const RECEIPT_LINES = 'CSWMS_wmwhse_RECEIPTDETAIL'; // identity is SERIALKEY, tells no deletes
const { app, lake, call, sync, configure, config, expectEqual, db } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, lakePolicy: { attempts: 3, baseMs: 1, capMs: 5 }, quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });

let serial = 0;
const tasks = (count: number) =>
  Array.from({ length: count }, () => {
    serial++;
    return { SERIALKEY: serial, WHSEID: 'wmwhse1', TASKDETAILKEY: `K${serial}` };
  });
const line = (key: string) => ({
  SERIALKEY: ++serial,
  WHSEID: 'wmwhse1',
  ORDERKEY: key,
  ORDERLINENUMBER: '00001',
});
const receiptLine = (key: string) => ({
  SERIALKEY: ++serial,
  WHSEID: 'wmwhse1',
  RECEIPTKEY: key,
  RECEIPTLINENUMBER: '00001',
});

await lake.insert(ORDER_LINES, [line('first')]);
await sync('orderdetail');
beforeEach(() => {
  lake.advance(2 * HOUR_MS);
});

describe('a business key', () => {
  it('of two rows deleted in one millisecond has one mark, that of the higher surrogate key', async () => {
    for (const row of [line('twice'), line('twice')]) {
      await lake.insert(ORDER_LINES, [row]);
      await lake.delete(ORDER_LINES, { SERIALKEY: row.SERIALKEY });
    }
    await sync('orderdetail', { mode: 'full' });
    for (const batchSize of [1, 5000]) {
      const { stats } = await sync('orderdetail', { mode: 'full', batchSize });
      expect(stats).toMatchObject({ insertedRecords: 0, updatedRecords: 0 });
    }
    expect(
      await db.collection('orderdetails').findOne({ _id: 'wmwhse1|twice|00001' as never }),
    ).toMatchObject({ SERIALKEY: serial, _lake: { deletedAt: lake.now() } });
  });

  it.each([
    ['orderdetail', ORDER_LINES, line],
    ['receiptdetail', RECEIPT_LINES, receiptLine],
  ])(
    'that is used again is the new row in %s, although it was indexed before the last edit of the old one',
    async (tableId, object, row) => {
      const before = lake.now();
      const old = row('late');
      await lake.insert(object, [old], { at: new Date(lake.advance(1000)) });
      await sync(tableId);
      await lake.insert(object, [row('late')], { at: before });
      await lake.delete(object, { SERIALKEY: old.SERIALKEY });
      // One row a page: the delete, where it is told, may come after the new row.
      await sync(tableId, { batchSize: 1 });
      await expectEqual(tableId);
    },
  );
});

describe('a stored row without SERIALKEY', () => {
  it('is marked by the delete of its key, whatever SERIALKEY that names', async () => {
    const [row] = tasks(1);
    await lake.insert(TASKS, [{ ...row, SERIALKEY: null }]);
    await sync('taskdetail');
    lake.advance(1000);
    await lake.insert(TASKS, [{ ...row }]);
    await lake.delete(TASKS, { TASKDETAILKEY: row?.TASKDETAILKEY ?? '' });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });
});

describe('rows of a first run that failed', () => {
  it('are marked when all of them have been deleted before the next run', async () => {
    const ORDERS = 'CSWMS_wmwhse_ORDERS';
    await lake.insert(ORDERS, [
      { SERIALKEY: 1, WHSEID: 'wmwhse1', ORDERKEY: 'first' },
      { SERIALKEY: 2, WHSEID: 'wmwhse1', ORDERKEY: 'second' },
    ]);
    // The first page, and then no more.
    const sql = 'LAKE_ROWS';
    lake.fault({ kind: '500', on: 'result', sql, nth: 2, times: 3 });
    const { body } = await call('sync-table', { body: { tableId: 'orders', batchSize: 1 } });
    expect(body.code).toBe('LAKE_SERVER_ERROR');
    expect(await db.collection('orders').countDocuments()).toBe(1);
    lake.advance(1000);
    await lake.delete(ORDERS, { WHSEID: 'wmwhse1' });
    const { stats } = await sync('orders');
    expect(stats).toMatchObject({ processedRecords: 2, deletedRecords: 2 });
    await expectEqual('orders');
  });
});

describe('a run that finds out only from its result that the object tells deletes', () => {
  it('covers deletes that are newer than every live row', async () => {
    const ORDERS = 'CSWMS_wmwhse_ORDERS';
    const row = { SERIALKEY: 3, WHSEID: 'wmwhse1', ORDERKEY: 'third' };
    await lake.insert(ORDERS, [row, { ...row, SERIALKEY: 4, ORDERKEY: 'fourth' }]);
    await sync('orders');
    await db.collection('syncconfigs').deleteOne({ tableId: 'orders' });
    await call('sync-config', { body: { tableId: 'orders' } });
    lake.advance(1000);
    await lake.delete(ORDERS, { ORDERKEY: 'third' });
    await sync('orders');
    expect((await config('orders')).watermark).toEqual(lake.now());
    await expectEqual('orders');
  });
});

describe('maxRecords', () => {
  it('does not leave a rest for ever where fewer rows came than had been counted', async () => {
    await configure('taskdetail', { maxRecords: 2 });
    await lake.insert(TASKS, tasks(3));
    const context = await app().sync();
    const job = await startJob(context, { tableId: 'taskdetail' }, 'api');
    lake.clearRequests();
    const counted = () => lake.requests.some(({ kind }) => kind === 'result');
    const now = () => context.clock.now() + (counted() ? HOUR_MS : 0);
    const clock = { ...context.clock, now };
    const slice = { ...context, clock, store: context.store.within({ clock }) };
    const { state, job: left } = await advance(slice, job._id, Date.now() + 20_000);
    expect({ state, phase: left.phase }).toEqual({ state: 'more', phase: 'querying' });
    // They have been counted, and now they are above the ceiling.
    lake.advance(1000);
    await lake.edit(TASKS, { WHSEID: 'wmwhse1' }, { STATUS: '9' });
    const outcomes: string[] = [];
    do {
      outcomes.push((await sync('taskdetail')).outcome);
    } while (outcomes.length < 6 && outcomes.slice(-2).join() !== 'partial,complete');
    expect(outcomes).toEqual(['complete', 'partial', 'complete']);
    expect(await config('taskdetail')).not.toHaveProperty('leftovers');
    await expectEqual('taskdetail');
  });
});
