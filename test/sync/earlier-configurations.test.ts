import { Types } from 'mongoose';
import { beforeEach, expect, it } from 'vitest';
import { LOCAL } from '../alerts/receiver.js';
import { startBackend } from '../support/backend.js';

const backend = await startBackend({ rows: 20 }, LOCAL, { emptyPagePauseMs: 5 });
const { call, sync, config, db } = backend;
const configs = db.collection<{ _id: unknown; tableId: string }>('syncconfigs');
const pass = () => call('sync-run-due', { body: {} });

beforeEach(async () => {
  await configs.deleteMany({});
  await call('init-sync-config', { body: {} });
  await configs.deleteMany({ tableId: { $ne: 'receipt' } });
});

/** Another document in place of the configuration of receipts. */
async function replaceBy(change: (present: Record<string, unknown>) => Record<string, unknown>) {
  const { _id, ...present } = await config('receipt');
  await configs.deleteMany({});
  await db.collection('syncconfigs').insertOne(change({ ...present, _id }));
}

it('one without an interval is refused for what it is, and due again at once', async () => {
  await replaceBy(({ _id }) => ({ _id, tableId: 'receipt', tableName: 'Receipt', enabled: true }));
  const { body } = await pass();
  expect(body.errors).toMatchObject([{ tableId: 'receipt', code: 'EARLIER_DATA' }]);
  const { failureCount, nextRunAt, refusals } = await config('receipt');
  expect({ failureCount, refusals }).toMatchObject({
    failureCount: 1,
    refusals: { EARLIER_DATA: { count: 1 } },
  });
  expect((nextRunAt as Date).getTime()).toBeLessThanOrEqual(Date.now());
  expect((await pass()).body.errors).toMatchObject([{ code: 'EARLIER_DATA' }]);
});

it.each(['receipt', '0123456789abcdef01234567', 7])(
  'one whose _id is %j is run by the schedule',
  async (_id) => {
    await replaceBy((present) => ({ ...present, _id }));
    const { body } = await pass();
    expect(body).toMatchObject({ errors: [], syncedTables: [{ tableId: 'receipt' }] });
    expect(await config('receipt')).toMatchObject({ _id, lastSyncStatus: 'completed' });
  },
);

// An earlier version, deployed again for a while, stores the id of its run as an ObjectId.
it('one whose last run is an ObjectId has the next one recorded', async () => {
  const lastSyncJobId = new Types.ObjectId();
  await configs.updateOne({ tableId: 'receipt' }, { $set: { lastSyncJobId, __v: 0, twin: 'x' } });
  const { jobId } = await sync('receipt');
  expect(await config('receipt')).toMatchObject({
    lastSyncJobId: jobId,
    lastSyncStatus: 'completed',
    watermark: expect.any(Date),
    __v: 0,
    twin: 'x',
  });
});

it('one whose watermark is a text and outlived its rows loses it', async () => {
  await db.collection('receipts').deleteMany({});
  await configs.updateOne({ tableId: 'receipt' }, { $set: { watermark: '2026-01-01T00:00:00Z' } });
  await sync('receipt');
  expect(await config('receipt')).toMatchObject({ watermark: expect.any(Date) });
});
