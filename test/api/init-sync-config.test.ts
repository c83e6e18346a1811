import { beforeEach, describe, expect, it } from 'vitest';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';

const { lake, call, sync, configure, config, db } = await startBackend({ rows: 50 });
const init = (body: unknown = {}) => call('init-sync-config', { body });
const configs = db.collection('syncconfigs');

beforeEach(async () => {
  await configs.deleteMany({});
});

describe('init-sync-config', () => {
  it('creates the defaults of every table', async () => {
    const { status, body } = await init();
    expect({ status, count: body.count, existing: body.existingCount }).toEqual({
      status: 200,
      count: TABLES.length,
      existing: 0,
    });
    const frequencies = (await configs.find({}).toArray()).map((c) => [c.tableId, c.syncFrequency]);
    expect(Object.fromEntries(frequencies)).toEqual(
      Object.fromEntries(TABLES.map(({ tableId, syncFrequency }) => [tableId, syncFrequency])),
    );
    expect(Object.fromEntries(frequencies)).toMatchObject({ taskdetail: 60, receipt: 120 });
    expect(await configs.countDocuments({ enabled: true, initialSync: true })).toBe(TABLES.length);
  });

  it('leaves those alone that exist, and says how many', async () => {
    await init();
    await configure('orders', { enabled: false, description: 'mine' });
    const { status, body } = await init();
    expect({ status, body }).toEqual({
      status: 200,
      body: { message: expect.any(String), existingCount: TABLES.length },
    });
    expect(await config('orders')).toMatchObject({ enabled: false, description: 'mine' });
  });

  it('adds those that are missing to those that exist', async () => {
    await call('sync-config', { body: { tableId: 'orders', syncFrequency: 5 } });
    const { body } = await init();
    expect(body).toMatchObject({ count: TABLES.length, existingCount: 1 });
    expect(await config('orders')).toMatchObject({ syncFrequency: 5 });
  });

  it('with force resets the settings, and keeps what was synced', async () => {
    await init();
    await sync('orders');
    await configure('orders', { enabled: false, syncFrequency: 5, batchSize: 10, maxWorkers: 3 });
    const { watermark, shapeHash, lastSyncJobId } = await config('orders');
    const { status, body } = await init({ force: true });
    expect({ status, count: body.count }).toEqual({ status: 200, count: TABLES.length });
    expect(await config('orders')).toMatchObject({
      enabled: true,
      syncFrequency: 60,
      batchSize: 3000,
      maxWorkers: 1,
      initialSync: false,
      watermark,
      shapeHash,
      lastSyncJobId,
    });
    expect(watermark).toBeInstanceOf(Date);
    lake.advance(1000);
    expect((await sync('orders')).mode).toBe('incremental');
  });

  it('with force forgets a watermark that other warehouses moved', async () => {
    await init();
    await configure('orders', { options: { whseid: ['wmwhse1'] } });
    await sync('orders');
    await init({ force: true });
    expect(await config('orders')).toMatchObject({ options: {} });
    expect(await config('orders')).not.toHaveProperty('watermark');
    expect((await sync('orders')).mode).toBe('full');
  });

  it('called by many at once creates one a table', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => init()));
    expect(replies.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await configs.countDocuments()).toBe(TABLES.length);
  });

  it.each([{ force: 'true' }, { force: 1 }, { forced: true }])('refuses %j', async (body) => {
    const { status, body: refusal } = await init(body);
    expect({ status, field: refusal.details[0]?.field }).toEqual({
      status: 400,
      field: Object.keys(body)[0],
    });
    expect(await configs.countDocuments()).toBe(0);
  });

  it('takes no GET', async () => {
    expect((await call('init-sync-config')).status).toBe(405);
  });
});
