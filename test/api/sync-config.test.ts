import { beforeEach, describe, expect, it } from 'vitest';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';

const { call, sync, config, db } = await startBackend({ rows: 50 });
const ORDERS = { tableId: 'orders' };
/** What every PUT changes. */
const OF_A_CHANGE = {
  updatedAt: expect.any(Date),
  revision: expect.any(Number),
  changeId: expect.anything(),
};
const put = (body: Record<string, unknown>) =>
  call('sync-config', { method: 'PUT', body: { ...ORDERS, ...body } });

beforeEach(async () => {
  await db.collection('syncconfigs').deleteMany({});
  await call('init-sync-config', { body: {} });
});

describe('GET', () => {
  it('gives all configurations, or that of one table', async () => {
    const all = await call('sync-config');
    expect(all.body).toHaveLength(TABLES.length);
    const { status, body } = await call('sync-config', { query: ORDERS });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        tableId: 'orders',
        tableName: 'Orders',
        enabled: true,
        syncFrequency: 60,
        initialSync: true,
        batchSize: 3000,
        maxRecords: 0,
        lastSyncDate: null,
        lastSyncStatus: null,
        lastSyncJobId: null,
        options: {},
      },
    });
  });

  it.each([{ tableId: 'nope' }, { tableId: '{"$gt": ""}' }])(
    'refuses a table that nobody knows: %j',
    async (query) => {
      const { status, body } = await call('sync-config', { query });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'UNKNOWN_TABLE' });
    },
  );

  it('refuses an id that no table can have', async () => {
    const { status } = await call('sync-config', { query: { tableId: 'x'.repeat(61) } });
    expect(status).toBe(400);
  });

  it.each<Record<string, string>>([{ tableId: '' }, { _t: '1767225600000' }])(
    'gives all for %j, which names no table',
    async (query) => {
      expect((await call('sync-config', { query })).body).toHaveLength(TABLES.length);
    },
  );

  it('gives an empty list where there is none', async () => {
    await db.collection('syncconfigs').deleteMany({});
    expect((await call('sync-config')).body).toEqual([]);
  });
});

describe('POST', () => {
  beforeEach(async () => {
    await db.collection('syncconfigs').deleteMany({});
  });

  it('creates a configuration, with defaults for what is left out', async () => {
    const { status, body } = await call('sync-config', { body: { ...ORDERS, syncFrequency: 5 } });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { tableId: 'orders', tableName: 'Orders', syncFrequency: 5, batchSize: 3000 },
    });
    expect(await config('orders')).toMatchObject({ syncFrequency: 5, failureCount: 0 });
  });

  it('of a table that has one already is refused, and changes nothing', async () => {
    await call('sync-config', { body: { ...ORDERS, syncFrequency: 5 } });
    const { status, body } = await call('sync-config', { body: { ...ORDERS, syncFrequency: 9 } });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'CONFIG_EXISTS' });
    expect(await config('orders')).toMatchObject({ syncFrequency: 5 });
  });

  it('of ten at once creates one', async () => {
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => call('sync-config', { body: ORDERS })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    expect(await db.collection('syncconfigs').countDocuments()).toBe(1);
  });

  it('takes nothing that only runs set', async () => {
    const { status } = await call('sync-config', {
      body: { ...ORDERS, watermark: '2030-01-01T00:00:00Z', sourceHash: 'x', failureCount: 99 },
    });
    expect(status).toBe(201);
    const stored = await config('orders');
    expect(stored).toMatchObject({ failureCount: 0 });
    expect(stored).not.toHaveProperty('watermark');
    expect(stored).not.toHaveProperty('sourceHash');
  });

  it('of an unknown table is refused, with the known ones', async () => {
    const { status, body } = await call('sync-config', { body: { tableId: 'nope' } });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'UNKNOWN_TABLE' });
    expect(body.details[0]?.message).toContain('taskdetail');
  });
});

describe('a field', () => {
  it.each<[string, unknown]>([
    ['tableName', 'x'.repeat(101)],
    ['description', 7],
    ['enabled', 'true'],
    ['syncFrequency', 0],
    ['syncFrequency', -60],
    ['syncFrequency', 1.5],
    ['syncFrequency', '60 min'],
    ['syncFrequency', '1e3'],
    ['syncFrequency', 43_201],
    ['initialSync', 1],
    ['batchSize', 0],
    ['batchSize', 10_000_000],
    ['batchSize', { $gt: 0 }],
    ['maxRecords', -1],
    ['maxRecords', 0.5],
    ['lookbackMinutes', 0],
    ['maxWorkers', 11],
    ['reconcileFrequency', -1],
    ['reconcileFrequency', 525_601],
    ['reconcileFrequency', 1.5],
    ['reconcileRepair', 'yes'],
    ['options.deleteGuard', 5],
    ['options.deleteGuard.percent', 101],
    ['options.deleteGuard.percent', -1],
    ['options.deleteGuard.percent', 'few'],
    ['options', []],
    ['options.whseid', []],
    ['options.whseid', 5],
    ['options.whseid', { $ne: '' }],
    ['options.deleteMode', 'never'],
    ['options.nope', true],
    ['nope', 1],
    ['$set', { enabled: false }],
    ['lastSyncResult', 'fine'],
  ])('%s is refused where it is %j, by its name, by PUT and POST', async (path, value) => {
    const names = path.split('.');
    const field = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;
    const before = await config('orders');
    for (const method of ['PUT', 'POST']) {
      const { status, body } = await call('sync-config', { method, body: { ...ORDERS, ...field } });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
      expect(body.details.map((detail) => detail.field)).toEqual([path]);
    }
    expect(await config('orders')).toEqual(before);
  });

  it.each(['', 'x'.repeat(31), 'a\\b', 'nul\u0000', 'half \ud800'])(
    'options.whseid is refused where a warehouse is %j',
    async (whseid) => {
      const { status, body } = await put({ options: { whseid: ['wmwhse1', whseid] } });
      expect({ status, field: body.details[0]?.field }).toEqual({
        status: 400,
        field: 'options.whseid.1',
      });
    },
  );

  it('keeps a text that MongoDB could take for an instruction', async () => {
    const texts = { tableName: '$tableId', description: '$$ROOT {"$gt": ""}' };
    expect((await put({ ...texts, options: { whseid: "o'$brien" } })).status).toBe(200);
    expect(await config('orders')).toMatchObject({
      ...texts,
      options: { whseid: "o'$brien" },
    });
  });
});

describe('PUT', () => {
  it('changes what it names, and nothing else', async () => {
    const before = await config('orders');
    const { status, body } = await put({ enabled: false, batchSize: 1000 });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { enabled: false, batchSize: 1000 },
    });
    expect(await config('orders')).toEqual({
      ...before,
      enabled: false,
      batchSize: 1000,
      ...OF_A_CHANGE,
    });
  });

  it('takes back what GET gave, edited, after a run that left all it can leave', async () => {
    await put({ maxRecords: 2 });
    await sync('orders');
    await db.collection('syncconfigs').updateOne(ORDERS, {
      $set: { pausedReason: 'by request', nextRunAt: new Date(), watermark: new Date(), __v: 3 },
    });
    const got = await call('sync-config', { query: ORDERS });
    expect(got.body).toMatchObject({ leftovers: { offset: 2 }, watermark: expect.any(String) });
    const before = await config('orders');
    const { status, body } = await call('sync-config', {
      method: 'PUT',
      body: { ...got.body, description: 'edited' },
    });
    expect({ status, description: body.description }).toEqual({
      status: 200,
      description: 'edited',
    });
    expect(await config('orders')).toEqual({
      ...before,
      description: 'edited',
      initialSyncAskedAt: expect.any(Date),
      ...OF_A_CHANGE,
    });
  });

  it('accepts each field of its own answer, and lets none that only runs set be changed', async () => {
    await sync('orders');
    const { body } = await call('sync-config', { query: ORDERS });
    const settable = [
      'tableName',
      'description',
      'enabled',
      'syncFrequency',
      'initialSync',
      'batchSize',
      'maxRecords',
      'lookbackMinutes',
      'maxWorkers',
      'reconcileFrequency',
      'reconcileRepair',
      'options',
    ];
    const readOnly = Object.keys(body).filter((name) => !['tableId', ...settable].includes(name));
    expect(readOnly.length).toBeGreaterThan(10);
    const before = await config('orders');
    for (const name of readOnly) {
      const reply = await put({ [name]: 'something else' });
      expect({ name, status: reply.status }).toEqual({ name, status: 200 });
    }
    expect(await config('orders')).toEqual({ ...before, ...OF_A_CHANGE });
  });

  it('without anything to change changes nothing', async () => {
    expect((await put({})).status).toBe(200);
  });

  it('resets what rests on the warehouses when these change, and only then', async () => {
    await put({ options: { whseid: ['wmwhse1', 'wmwhse2'] } });
    await sync('orders');
    const { watermark } = await config('orders');
    expect(watermark).toBeInstanceOf(Date);
    await put({ options: { whseid: ['wmwhse2', 'wmwhse1'], deleteMode: 'hard' } });
    expect((await config('orders')).watermark).toEqual(watermark);
    await put({ options: { whseid: ['wmwhse1'] } });
    expect(await config('orders')).not.toHaveProperty('watermark');
  });

  it.each([
    ['that has no configuration', 'receipt', 404, 'CONFIG_NOT_FOUND'],
    ['that nobody knows', 'nope', 400, 'UNKNOWN_TABLE'],
  ])('of a table %s is refused', async (_what, tableId, status, code) => {
    await db.collection('syncconfigs').deleteOne({ tableId: 'receipt' });
    const reply = await call('sync-config', { method: 'PUT', body: { tableId, enabled: true } });
    expect({ status: reply.status, code: reply.body.code }).toEqual({ status, code });
    expect(await db.collection('syncconfigs').countDocuments({ tableId })).toBe(0);
  });

  it.each([
    {},
    { tableId: 5 },
    { tableId: { $gt: '' } },
    { tableId: ['orders'] },
    { tableId: null },
  ])('for %j is refused', async (body) => {
    const reply = await call('sync-config', { method: 'PUT', body });
    expect({ status: reply.status, field: reply.body.details[0]?.field }).toEqual({
      status: 400,
      field: 'tableId',
    });
  });
});

describe('DELETE', () => {
  const remove = (query: Record<string, string>) =>
    call('sync-config', { method: 'DELETE', query });

  it('removes a configuration, once', async () => {
    expect((await remove(ORDERS)).status).toBe(200);
    expect(await config('orders')).toEqual({});
    const { status, body } = await remove(ORDERS);
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'CONFIG_NOT_FOUND' });
  });

  it('removes nothing without a table', async () => {
    expect((await remove({})).status).toBe(400);
    expect(await db.collection('syncconfigs').countDocuments()).toBe(TABLES.length);
  });
});
