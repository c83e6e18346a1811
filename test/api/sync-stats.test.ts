import { describe, expect, it } from 'vitest';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';

const { call, sync, configure, db, lake } = await startBackend({ rows: 100 });
await call('init-sync-config', { body: {} });

const NOTHING_TIMED = {
  avgDuration: 0,
  minDuration: 0,
  maxDuration: 0,
  avgDurationMs: null,
  minDurationMs: null,
  maxDurationMs: null,
};

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
      lastSyncDate: null,
      lastSyncStatus: null,
      running: false,
      refusals: [],
      drift: [],
      certificate: null,
      syncHistory: { total: 0, successful: 0, failed: 0 },
      records: {
        totalProcessed: 0,
        totalInserted: 0,
        totalUpdated: 0,
        totalErrors: 0,
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
      performance: NOTHING_TIMED,
      usage: {
        total: { functionSeconds: 0, slices: 0, lakeQueries: 0, credits: 0 },
        days: [],
      },
    });
  });

  it('adds up the runs, failed ones and those under way apart from the times', async () => {
    const counts = { recordsProcessed: 10, recordsInserted: 4, recordsUpdated: 3 };
    await history({ status: 'completed', duration: 1, ...counts, recordsUnchanged: 3 });
    await history({ status: 'completed', duration: 4.001, ...counts, recordsStale: 3 });
    await history({ status: 'failed', duration: 9.999, ...counts, recordsError: 3 });
    await history({ recordsProcessed: 1 });
    expect(await stats({ tableId: 'orders' })).toMatchObject({
      syncHistory: { total: 4, successful: 2, failed: 1 },
      records: {
        ...{ processed: 31, inserted: 12, updated: 9, unchanged: 3, stale: 3, error: 3 },
        ...{ totalProcessed: 31, totalInserted: 12, totalUpdated: 9, totalErrors: 3 },
      },
      performance: {
        avgDuration: 2.501,
        minDuration: 1,
        maxDuration: 4.001,
        avgDurationMs: 2_501,
        minDurationMs: 1_000,
        maxDurationMs: 4_001,
      },
    });
  });

  it('follows what the runs did', async () => {
    const { stats: counts } = await sync('taskdetail');
    const { lastSyncDate } = (await db.collection('syncconfigs').findOne({
      tableId: 'taskdetail',
    })) ?? { lastSyncDate: undefined };
    expect(await stats({ tableId: 'taskdetail' })).toMatchObject({
      lastSync: {
        date: lastSyncDate.toISOString(),
        status: 'completed',
        recordsProcessed: counts.processedRecords,
        duration: expect.any(Number),
      },
      lastSyncDate: lastSyncDate.toISOString(),
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

  it.each([
    ['without configuration', 'orders', 404, 'CONFIG_NOT_FOUND'],
    ['that nobody knows', '{"$gt": ""}', 400, 'UNKNOWN_TABLE'],
  ])('refuses a table %s', async (_name, tableId, status, code) => {
    const kept = await db.collection('syncconfigs').findOneAndDelete({ tableId });
    const answer = await call('sync-stats', { query: { tableId } });
    if (kept) await db.collection('syncconfigs').insertOne(kept);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  });

  it('refuses an id that no table can have', async () => {
    const { status, body } = await call('sync-stats', { query: { tableId: 'x'.repeat(61) } });
    expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field: 'tableId' });
  });
});

describe('sync-stats of all tables', () => {
  it.each<Record<string, string>>([{ tableId: '' }, { page: '1' }, { 'tableId[$ne]': 'x' }])(
    'is what %j gets, which names no table',
    async (query) => {
      expect((await stats(query)).tables).toHaveLength(TABLES.length);
    },
  );

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
      totalTables: TABLES.length,
      enabledTables: TABLES.length - 1,
      runningTables: 0,
      lastSync: task.lastSyncDate,
      syncHistory: { total: 5, successful: 3, failed: 1 },
      records: {
        processed: 31 + Number(tasks.processed),
        stored: tasks.stored,
        openRejects: 2,
      },
      performance: {
        avgDurationMs: Math.round((5_001 + Number(performance.avgDurationMs)) / 3),
        minDurationMs: Math.min(1_000, Number(performance.minDurationMs)),
        maxDurationMs: Math.max(4_001, Number(performance.maxDurationMs)),
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
      performance: NOTHING_TIMED,
    });
    await db.collection('syncconfigs').insertMany(kept);
  });
});
