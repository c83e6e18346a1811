import { describe, expect, it } from 'vitest';
import { app } from '../../src/app.js';
import type { WorkOrder } from '../../src/sync/dispatch.js';
import { afterFailure, afterSuccess } from '../../src/sync/failure-policy.js';
import { runDue } from '../../src/sync/schedule.js';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';
import { takeInto } from '../support/orders.js';

const { lake, call, configure, expectEqual, config, db } = await startBackend({ rows: 100 });
await call('init-sync-config', { body: {} });
const context = await app().sync();
const jobs = db.collection('syncjobs');
const configs = db.collection('syncconfigs');
const allDue = () => configs.updateMany({}, { $set: { nextRunAt: new Date(0) } });
const cron = { body: { next_run: '2026-01-01T00:00:00Z' }, headers: { authorization: '' } };

describe('the schedule', () => {
  it('runs every table once, and no other before its time', async () => {
    const first = await call('scheduled-sync', cron);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ errors: [], timestamp: expect.any(String) });
    expect(first.body.syncedTables).toHaveLength(TABLES.length);
    for (const { tableId } of TABLES) await expectEqual(tableId);
    const second = await call('scheduled-sync', cron);
    expect(second.body.syncedTables).toEqual([]);
  });

  it('runs a table that was put off by a clock far ahead', async () => {
    const days = (n: number) => new Date(Date.now() + n * 86_400_000);
    await configs.updateMany({}, { $set: { nextRunAt: days(0.9) } });
    await configs.updateOne({ tableId: 'receipt' }, { $set: { nextRunAt: days(3) } });
    const { body } = await call('scheduled-sync', cron);
    expect(body.syncedTables).toMatchObject([{ tableId: 'receipt' }]);
    expect(Number((await config('receipt')).nextRunAt)).toBeLessThan(days(1).getTime());
  });

  it('starts each due table once, however many passes run at a time', async () => {
    await allDue();
    const orders: WorkOrder[] = [];
    const send = takeInto(orders);
    const passes = await Promise.all(
      Array.from({ length: 200 }, () => runDue(context, send, Date.now() + 60_000)),
    );
    expect(passes.flatMap(({ errors }) => errors)).toEqual([]);
    const started = passes.flatMap(({ syncedTables }) => syncedTables.map((t) => t.tableId));
    expect(started.sort()).toEqual(TABLES.map((t) => t.tableId).sort());
    expect(orders).toHaveLength(TABLES.length);
  });

  it('takes up runs whose workers have gone silent', async () => {
    await jobs.updateMany({ active: true }, { $set: { heartbeat: new Date(0) } });
    const { body } = await call('scheduled-sync', cron);
    expect(body.syncedTables).toHaveLength(TABLES.length);
    expect((body.syncedTables as { how: string }[]).every(({ how }) => how === 'resumed')).toBe(
      true,
    );
    expect(await jobs.countDocuments({ active: true })).toBe(0);
    expect(await jobs.countDocuments({ status: 'completed' })).toBe(2 * TABLES.length + 1);
  });

  it('goes on with the others when one table fails, and backs that one off', async () => {
    await allDue();
    await db.collection('receipts').insertOne({ RECEIPTKEY: 'of an earlier version' });
    const { body } = await call('scheduled-sync', cron);
    expect(body.errors).toMatchObject([{ tableId: 'receipt', code: 'EARLIER_DATA' }]);
    expect(body.syncedTables).toHaveLength(TABLES.length - 1);
    const { failureCount, nextRunAt } = await config('receipt');
    expect(failureCount).toBe(1);
    expect((nextRunAt as Date).getTime()).toBeGreaterThan(Date.now() + 119 * 60_000);
    await db.collection('receipts').deleteMany({ RECEIPTKEY: 'of an earlier version' });
  });

  it('leaves disabled and paused tables alone', async () => {
    await allDue();
    await configure('orders', { enabled: false });
    await configs.updateOne({ tableId: 'receipt' }, { $set: { pausedReason: 'test' } });
    const { body } = await call('sync-run-due', { body: {} });
    const tables = (body.syncedTables as { tableId: string }[]).map(({ tableId }) => tableId);
    const left = ['orders', 'receipt'];
    const others = TABLES.map(({ tableId }) => tableId).filter((id) => !left.includes(id));
    expect(tables.sort()).toEqual(others.sort());
  });

  it('is closed to those who are not the cron', async () => {
    const { status } = await call('scheduled-sync', { body: {}, headers: { authorization: '' } });
    expect(status).toBe(401);
    expect((await call('scheduled-sync', { body: {} })).status).toBe(200);
  });

  it('has a cron text of five fields', async () => {
    const { config: schedule } = await import('../../netlify/functions/scheduled-sync.js');
    expect(schedule.schedule).toMatch(/^\*\/5( \*){4}$/);
  });

  it('is due at once again where a run has left something', async () => {
    await configure('taskdetail', { maxRecords: 3 });
    lake.advance(7_200_000);
    await lake.edit('CSWMS_wmwhse_TASKDETAIL', { WHSEID: 'wmwhse1' }, { STATUS: 'X' });
    await allDue();
    await call('sync-run-due', { body: {} });
    const { nextRunAt, leftovers } = await config('taskdetail');
    expect(leftovers).toBeDefined();
    expect((nextRunAt as Date).getTime()).toBeLessThanOrEqual(Date.now());
  });
});

describe('the failure policy', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const minutes = (change: { nextRunAt?: Date }) =>
    ((change.nextRunAt?.getTime() ?? 0) - now.getTime()) / 60_000;

  it.each([
    [0, 60],
    [1, 120],
    [3, 480],
    [8, 1440],
  ])('after %d failures waits %d minutes with the next', (failureCount, wait) => {
    expect(minutes(afterFailure({ failureCount, syncFrequency: 60 }, 'X', now))).toBe(wait);
  });

  it('never runs a table sooner than it is meant to', () => {
    expect(minutes(afterFailure({ failureCount: 5, syncFrequency: 43_200 }, 'X', now))).toBe(
      43_200,
    );
  });

  it('pauses a table with its tenth failure in a row, and says why', () => {
    const change = afterFailure({ failureCount: 9, syncFrequency: 60 }, 'LAKE_QUERY_FAILED', now);
    expect(change.pausedReason).toContain('LAKE_QUERY_FAILED');
    expect(
      afterFailure({ failureCount: 8, syncFrequency: 60 }, 'X', now).pausedReason,
    ).toBeUndefined();
  });

  it('forgets failures with a success', () => {
    expect(afterSuccess({ failureCount: 5, syncFrequency: 60 }, false, now)).toEqual({
      failureCount: 0,
      nextRunAt: new Date('2026-01-01T01:00:00Z'),
    });
  });
});
