import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createStore } from '../../src/store/store.js';
import { runDue } from '../../src/sync/schedule.js';
import { TABLES } from '../../src/tables/registry.js';
import { LOCAL, startReceiver } from '../alerts/receiver.js';
import { startBackend } from '../support/backend.js';
import { noWorker } from '../support/orders.js';

vi.setConfig({ testTimeout: 40_000 });
const backend = await startBackend({ rows: 60 }, LOCAL, { emptyPagePauseMs: 5, quotaMinuteMs: 1 });
const { lake, call, app, db } = backend;
await call('init-sync-config', { body: {} });
const receiver = await startReceiver(backend);
const context = await app().sync();
const jobs = db.collection('syncjobs');
const configs = db.collection('syncconfigs');
const alert = { tableId: 'orders', tableName: 'Orders' };
const error = { code: 'EARLIER_DATA' as const, message: 'no', details: [] };

beforeEach(async () => {
  lake.clearFaults();
  receiver.seen.length = 0;
  await jobs.deleteMany({});
  await db.collection('alerts').deleteMany({});
  await configs.updateMany({}, { $set: { nextRunAt: new Date(0) } });
});

describe('a pass that does the work itself', () => {
  it('ends the other runs although the query of one goes on and on', async () => {
    lake.fault({ kind: 'stuck', sql: 'CSWMS_wmwhse_ORDERDETAIL' });
    await runDue(context, noWorker, Date.now() + 15_000);
    const left = await jobs.find({ active: true }).toArray();
    expect(left.map(({ tableId }) => tableId)).toEqual(['orderdetail']);
    expect(await jobs.countDocuments({ outcome: 'complete' })).toBe(TABLES.length - 1);
  });

  it('lets long runs take turns', async () => {
    await configs.updateMany({}, { $set: { nextRunAt: new Date(Date.now() + 3_600_000) } });
    const two = { tableId: { $in: ['orders', 'taskdetail'] } };
    await configs.updateMany(two, {
      $set: { nextRunAt: new Date(0), batchSize: 1, initialSync: true },
    });
    lake.configure({ pageLatencyMs: 400 });
    await runDue(context, noWorker, Date.now() + 15_000);
    lake.configure({ pageLatencyMs: 0 });
    const read = (await jobs.find({}).toArray()).map(({ segments }) => segments[0]?.next ?? 0);
    expect(read).toHaveLength(2);
    for (const rows of read) expect(rows).toBeGreaterThan(0);
    await configs.updateMany(two, { $set: { batchSize: 3_000 } });
  });
});

describe('a pass', () => {
  it('sends its orders side by side', async () => {
    const began: number[] = [];
    const slowly = async () => {
      began.push(Date.now());
      await new Promise((resolve) => setTimeout(resolve, 800));
      return { accepted: true, status: 202 };
    };
    await runDue(context, slowly, Date.now() + 20_000);
    expect(began).toHaveLength(TABLES.length);
    expect(Math.max(...began) - Math.min(...began)).toBeLessThan(800);
  });

  it.each([
    ['hangs', () => new Promise<never>(() => undefined)],
    ['throws', () => Promise.reject(new Error('a test'))],
  ])('does the work, sends its alerts and ends in time where an order %s', async (_, send) => {
    await context.alerts.startFailed(alert, error);
    const end = Date.now() + 15_000;
    await runDue(context, send, end);
    expect(Date.now()).toBeLessThanOrEqual(end + 250);
    expect(receiver.events()).toContain('failed');
    const done = { outcome: { $in: ['complete', 'nothing_new'] } };
    expect(await jobs.countDocuments(done)).toBe(TABLES.length);
  });

  it('sends its alerts and ends in time where a start and the lake hang', async () => {
    await context.alerts.startFailed(alert, error);
    lake.fault({ kind: 'slow', on: 'any', delayMs: 60_000, every: 1 });
    const never = { collection: { findOne: () => new Promise<never>(() => undefined) } };
    const open = await app().models();
    const rows = (tableId: string) =>
      // Of a model only the collection is used.
      tableId === 'orders' ? (never as never) : open.rows(tableId);
    const budget = { clock: context.clock, deadline: Number.POSITIVE_INFINITY };
    const hanging = { ...context, store: createStore({ ...open, rows }, budget) };
    const end = Date.now() + 15_000;
    const { errors } = await runDue(hanging, noWorker, end);
    expect(errors).toMatchObject([{ tableId: 'orders', code: 'OUT_OF_TIME' }]);
    expect(Date.now()).toBeLessThanOrEqual(end + 250);
    expect(receiver.events()).toContain('failed');
  });
});
