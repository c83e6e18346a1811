import { describe, expect, it } from 'vitest';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';

const { call, sync, configure, db, lake } = await startBackend({ rows: 100 });
await call('init-sync-config', { body: {} });

const stats = async (query: Record<string, string> = {}) => {
  const { status, body } = await call('sync-stats', { query });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
const history = (values: Record<string, unknown>) =>
  call('sync-history', {
    body: {
      tableId: 'orders',
      tableName: 'Orders',
      syncJobId: '65a0000000000000000000aa',
      startTime: '2026-01-02T00:00:00Z',
      ...values,
    },
  });

describe('sync-stats of a table', () => {
  it('has zeros and nulls where nothing has run', async () => {
    expect(await stats({ tableId: 'receipt' })).toEqual({
      columns: expect.any(Array),
      tableId: 'receipt',
      tableName: 'Receipt',
      enabled: true,
      syncFrequency: 120,
      lastSync: null,
      lastSyncStatus: null,
      running: false,
      syncHistory: { total: 0, successful: 0, failed: 0 },
      records: {
        processed: 0,
        inserted: 0,
        updated: 0,
        unchanged: 0,
        stale: 0,
        error: 0,
        unreadable: 0,
        deleted: 0,
        stored: 0,
        openRejects: 0,
      },
      performance: { avgDuration: null, minDuration: null, maxDuration: null },
    });
  });

  it('adds up the runs, failed ones and those under way apart from the times', async () => {
    const counts = { recordsProcessed: 10, recordsInserted: 4, recordsUpdated: 3 };
    await history({ status: 'completed', duration: 1_000, ...counts, recordsUnchanged: 3 });
    await history({ status: 'completed', duration: 4_001, ...counts, recordsStale: 3 });
    await history({ status: 'failed', duration: 9_999, ...counts, recordsError: 3 });
    await history({ recordsProcessed: 1 });
    expect(await stats({ tableId: 'orders' })).toMatchObject({
      syncHistory: { total: 4, successful: 2, failed: 1 },
      records: { processed: 31, inserted: 12, updated: 9, unchanged: 3, stale: 3, error: 3 },
      performance: { avgDuration: 2_501, minDuration: 1_000, maxDuration: 4_001 },
    });
  });

  it('follows what the runs did', async () => {
    const { stats: counts } = await sync('taskdetail');
    const { lastSyncDate } = (await db.collection('syncconfigs').findOne({
      tableId: 'taskdetail',
    })) ?? { lastSyncDate: undefined };
    expect(await stats({ tableId: 'taskdetail' })).toMatchObject({
      lastSync: lastSyncDate.toISOString(),
      lastSyncStatus: 'completed',
      syncHistory: { total: 1, successful: 1, failed: 0 },
      records: {
        processed: counts.processedRecords,
        inserted: counts.insertedRecords,
        stored: (await lake.rows('CSWMS_wmwhse_TASKDETAIL')).length,
      },
    });
  });

  it('counts open rejects and says whether a run is active', async () => {
    const reject = { tableId: 'receipt', identity: 'wmwhse1|1', open: true };
    await db
      .collection('syncrejects')
      .insertMany([
        { ...reject },
        { ...reject, identity: 'wmwhse1|2' },
        { tableId: 'receipt', identity: 'wmwhse1|3', resolvedAt: new Date() },
      ]);
    await db.collection('syncjobs').insertOne({ tableId: 'receipt', active: true });
    expect(await stats({ tableId: 'receipt' })).toMatchObject({
      running: true,
      records: { openRejects: 2 },
    });
    await db.collection('syncjobs').deleteMany({ tableId: 'receipt' });
  });

  it('answers 404 for a table without configuration', async () => {
    for (const tableId of ['pallets', '{"$gt": ""}']) {
      const { status, body } = await call('sync-stats', { query: { tableId } });
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'CONFIG_NOT_FOUND' });
    }
  });

  it.each([
    ['tableId', { tableId: '' }],
    ['tableId[$ne]', { 'tableId[$ne]': 'x' }],
    ['page', { page: '1' }],
  ])('refuses a wrong %s', async (field, query) => {
    const { status, body } = await call('sync-stats', { query });
    expect({ status, code: body.code, field: body.details[0]?.field }).toEqual({
      status: 400,
      code: 'VALIDATION_FAILED',
      field,
    });
  });
});

describe('sync-stats of all tables', () => {
  it('lists each table and sums them up', async () => {
    await configure('orderdetail', { enabled: false });
    const { tables, summary } = await stats();
    expect(tables).toHaveLength(TABLES.length);
    for (const table of tables as { tableId: string }[]) {
      const { columns, ...alone } = await stats({ tableId: table.tableId });
      expect(alone).toEqual(table);
      expect(columns).toContainEqual({
        column: 'WHSEID',
        kind: 'text',
        source: 'table',
        inLake: expect.toSatisfy((known) => known === null || known === true),
      });
    }
    const task = await stats({ tableId: 'taskdetail' });
    const tasks = task.records as Record<string, number>;
    const performance = task.performance as Record<string, number>;
    expect(summary).toMatchObject({
      totalTables: 5,
      enabledTables: 4,
      runningTables: 0,
      lastSync: task.lastSync,
      syncHistory: { total: 5, successful: 3, failed: 1 },
      records: {
        processed: 31 + Number(tasks.processed),
        stored: tasks.stored,
        openRejects: 2,
      },
      performance: {
        avgDuration: Math.round((5_001 + Number(performance.avgDuration)) / 3),
        minDuration: Math.min(1_000, Number(performance.minDuration)),
        maxDuration: Math.max(4_001, Number(performance.maxDuration)),
      },
    });
  });

  it('is empty before there is a configuration', async () => {
    const kept = await db.collection('syncconfigs').find({}).toArray();
    await db.collection('syncconfigs').deleteMany({});
    const { tables, summary } = await stats();
    expect(tables).toEqual([]);
    expect(summary).toMatchObject({
      totalTables: 0,
      lastSync: null,
      performance: { avgDuration: null, minDuration: null, maxDuration: null },
    });
    await db.collection('syncconfigs').insertMany(kept);
  });
});
