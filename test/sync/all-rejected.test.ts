import { describe, expect, it } from 'vitest';
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

describe('under maxRecords', () => {
  const limited = () => call('sync-table', { body: { tableId: 'orderdetail', maxRecords: 3 } });
  const begin = async (rows: ReturnType<typeof line>[]) => {
    for (const name of ['syncconfigs', 'syncjobs', 'syncrejects', 'orderdetails']) {
      await db.collection(name).deleteMany({});
    }
    await lake.delete(LINES, 'SERIALKEY > 0');
    lake.advance(7_200_000);
    await call('init-sync-config', { body: {} });
    await lake.insert(LINES, rows);
  };

  it('a table none of whose rows can be stored fails with its last part, and is read again', async () => {
    await begin([1, 2, 3, 4, 5].map((s) => line(s, null)));
    expect((await limited()).body.outcome).toBe('partial');
    expect((await limited()).body.code).toBe('ALL_ROWS_REJECTED');
    expect(await config('orderdetail')).not.toHaveProperty('watermark');
    for (const s of [1, 2, 3, 4, 5]) {
      await lake.edit(LINES, { SERIALKEY: s }, { ORDERKEY: String(s) });
    }
    let outcome = 'partial';
    while (outcome === 'partial') outcome = (await limited()).body.outcome;
    expect(outcome).toBe('complete');
    await expectEqual('orderdetail');
  });

  it.each([
    ['first', [1, 2, 3]],
    ['last', [7, 8]],
  ])('the %s rows of a table do not keep its others out', async (_which, bad) => {
    const serials = [1, 2, 3, 4, 5, 6, 7, 8];
    await begin(serials.map((s) => line(s, bad.includes(s) ? null : String(s))));
    const outcomes = [await limited(), await limited(), await limited()];
    expect(outcomes.map(({ body }) => body.outcome)).toEqual([
      'partial',
      'partial',
      'with_rejects',
    ]);
    expect(await db.collection('orderdetails').countDocuments()).toBe(8 - bad.length);
    expect((await config('orderdetail')).watermark).toEqual(lake.now());
  });
});
