import { expect, it } from 'vitest';
import { ORDERDETAIL } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const LINES = ORDERDETAIL.name;
const { lake, call, sync, db, config, expectEqual } = await startBackend({ rows: 0 });
await call('init-sync-config', { body: {} });
const line = (serial: number, ORDERKEY: string | null = String(serial)) => ({
  SERIALKEY: serial,
  WHSEID: 'wmwhse1',
  ORDERKEY,
  ORDERLINENUMBER: '00001',
});
const start = () => call('sync-table', { body: { tableId: 'orderdetail' } });

it('a run that could store none of its rows fails, and sets no watermark', async () => {
  await lake.insert(LINES, [line(2, null), line(3, null)]);
  const { status, body } = await start();
  expect({ status, code: body.code, outcome: body.outcome }).toEqual({
    status: 502,
    code: 'ALL_ROWS_REJECTED',
    outcome: 'failed',
  });
  expect(body.stats).toMatchObject({ processedRecords: 2, errorRecords: 2 });
  expect(await config('orderdetail')).not.toHaveProperty('watermark');
  expect(await db.collection('syncrejects').countDocuments({ open: true })).toBe(2);
});

it('takes no table off the schedule, and puts no run off', async () => {
  await db
    .collection('syncconfigs')
    .updateOne({ tableId: 'orderdetail' }, { $set: { failureCount: 9 } });
  await start();
  const { failureCount, pausedReason, nextRunAt, lastSyncDate, syncFrequency } =
    await config('orderdetail');
  expect({ failureCount, pausedReason }).toEqual({ failureCount: 9, pausedReason: undefined });
  expect(Number(nextRunAt) - Number(lastSyncDate)).toBe(Number(syncFrequency) * 60_000);
});

it('moves the watermark as soon as a row can be stored, and brings all of them', async () => {
  lake.advance(1000);
  await lake.insert(LINES, [line(4)]);
  const { outcome, stats } = await sync('orderdetail');
  expect(outcome).toBe('with_rejects');
  expect(stats).toMatchObject({ insertedRecords: 1, errorRecords: 2 });
  expect((await config('orderdetail')).watermark).toEqual(lake.now());
  await lake.edit(LINES, { SERIALKEY: 2 }, { ORDERKEY: '2' });
  await lake.edit(LINES, { SERIALKEY: 3 }, { ORDERKEY: '3' });
  await sync('orderdetail');
  await expectEqual('orderdetail');
});
