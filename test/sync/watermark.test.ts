import { beforeEach, describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const { app, lake, call, sync, configure, expectEqual, config, db } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });

let serial = 0;
const tasks = (count: number, whseid = 'wmwhse1', addDate = '2025-11-01T10:00:00Z') =>
  Array.from({ length: count }, () => {
    serial++;
    return {
      SERIALKEY: serial,
      WHSEID: whseid,
      TASKDETAILKEY: String(serial).padStart(10, '0'),
      ADDDATE: new Date(addDate),
    };
  });
const put = (settings: Record<string, unknown>) => configure('taskdetail', settings);
const watermark = async () => (await config('taskdetail')).watermark;

await lake.insert(TASKS, tasks(20));
await sync('taskdetail');
beforeEach(() => {
  lake.advance(2 * HOUR_MS);
});

describe('the watermark', () => {
  it('moves to the newest index time that a run has read', async () => {
    await lake.insert(TASKS, tasks(1));
    await sync('taskdetail');
    expect(await watermark()).toEqual(lake.now());
  });

  it('stays where a run finds nothing new', async () => {
    const before = await watermark();
    await lake.insert(TASKS, tasks(1));
    await sync('taskdetail');
    lake.advance(10 * HOUR_MS);
    const after = await watermark();
    expect(after).not.toEqual(before);
    await sync('taskdetail');
    expect(await watermark()).toEqual(after);
  });

  it('is not moved by a run for one warehouse, which reads its changes all the same', async () => {
    const before = await watermark();
    await lake.insert(TASKS, [...tasks(2, 'wmwhse1'), ...tasks(3, 'wmwhse2')]);
    const { stats, mode } = await sync('taskdetail', { whseid: 'wmwhse2' });
    expect({ mode, created: stats.insertedRecords }).toEqual({ mode: 'incremental', created: 3 });
    expect(await watermark()).toEqual(before);
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('is not moved by a backfill, which reads a range of a date column to its last moment', async () => {
    const before = await watermark();
    await lake.insert(TASKS, [
      ...tasks(1, 'wmwhse1', '2025-12-30T23:59:59.999Z'),
      ...tasks(1, 'wmwhse1', '2025-12-31T00:00:00Z'),
      ...tasks(1, 'wmwhse1', '2025-12-31T23:59:59.999Z'),
      ...tasks(1, 'wmwhse1', '2026-01-01T00:00:00Z'),
    ]);
    const { stats, mode } = await sync('taskdetail', {
      startDate: '2025-12-31',
      endDate: '2025-12-31',
    });
    expect({ mode, created: stats.insertedRecords }).toEqual({ mode: 'backfill', created: 2 });
    expect(await watermark()).toEqual(before);
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it("is not moved by a request's own maxRecords, whose rest the next run reads", async () => {
    const before = await watermark();
    await lake.insert(TASKS, tasks(5));
    const { outcome, stats } = await sync('taskdetail', { maxRecords: 3 });
    expect({ outcome, read: stats.processedRecords }).toEqual({ outcome: 'partial', read: 3 });
    expect(await watermark()).toEqual(before);
    expect(await config('taskdetail')).toHaveProperty('leftovers');
    await sync('taskdetail');
    expect(await config('taskdetail')).not.toHaveProperty('leftovers');
    await expectEqual('taskdetail');
  });

  it('moves although maxRecords was given, where it cut nothing off', async () => {
    await lake.insert(TASKS, tasks(2));
    const { outcome } = await sync('taskdetail', { maxRecords: 1000 });
    expect(outcome).toBe('complete');
    expect(await watermark()).toEqual(lake.now());
  });

  it('finds rows that become visible late, within the lookback', async () => {
    await lake.insert(TASKS, tasks(1));
    await sync('taskdetail');
    await lake.insert(TASKS, tasks(1), { at: new Date(lake.now().getTime() - 29 * 60_000) });
    const { stats } = await sync('taskdetail');
    expect(stats.insertedRecords).toBe(1);
    await expectEqual('taskdetail');
  });

  it('finds an edit in the very millisecond of the ceiling', async () => {
    const [row] = tasks(1);
    await lake.insert(TASKS, [{ ...row }]);
    await sync('taskdetail');
    await lake.edit(TASKS, { TASKDETAILKEY: row?.TASKDETAILKEY ?? '' }, { STATUS: '9' });
    const { stats } = await sync('taskdetail');
    expect(stats.updatedRecords).toBe(1);
    await expectEqual('taskdetail');
  });
});

describe('maxRecords of the configuration', () => {
  it('stops a run, and the next ones finish it under its ceiling before they go on', async () => {
    await put({ maxRecords: 4 });
    const before = await watermark();
    await lake.insert(TASKS, tasks(9));
    const ceiling = lake.now();
    expect((await sync('taskdetail')).outcome).toBe('partial');
    expect(await watermark()).toEqual(before);

    lake.advance(1000);
    await lake.insert(TASKS, tasks(1));
    const second = await sync('taskdetail');
    expect({ outcome: second.outcome, read: second.stats.processedRecords }).toEqual({
      outcome: 'partial',
      read: 4,
    });
    const third = await sync('taskdetail');
    expect(third.outcome).toBe('complete');
    expect(await watermark()).toEqual(ceiling);
    expect(await config('taskdetail')).not.toHaveProperty('leftovers');
    while ((await sync('taskdetail')).outcome === 'partial');
    await expectEqual('taskdetail');
  });

  it('reaches the end although the result expires between the runs', async () => {
    await put({ maxRecords: 5 });
    await lake.insert(TASKS, tasks(12));
    let runs = 0;
    while ((await sync('taskdetail')).outcome === 'partial') {
      lake.forgetResult();
      expect(++runs).toBeLessThan(6);
    }
    await expectEqual('taskdetail');
    await put({ maxRecords: 0 });
  });
});

describe('a change of the warehouses', () => {
  it('resets the watermark, and the next run is a full one', async () => {
    await put({ options: { whseid: ['wmwhse1'] } });
    expect(await watermark()).toBeUndefined();
    expect((await sync('taskdetail')).mode).toBe('full');
    await put({ options: {} });
    expect((await sync('taskdetail')).mode).toBe('full');
    await expectEqual('taskdetail');
  });

  it('in the middle of a run keeps the watermark of that run away', async () => {
    const context = await app().sync();
    await lake.insert(TASKS, tasks(1));
    const job = await startJob(context, { tableId: 'taskdetail' }, 'api');
    await put({ options: { whseid: ['wmwhse3'] } });
    expect(await advance(context, job._id, Date.now() + 20_000)).toMatchObject({ state: 'done' });
    expect(await watermark()).toBeUndefined();
    expect(await config('taskdetail')).toMatchObject({ lastSyncJobId: String(job._id) });
    await put({ options: {} });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('makes a warehouse that is not covered be read in full', async () => {
    await put({ options: { whseid: ['wmwhse1'] } });
    await sync('taskdetail');
    const { mode } = await sync('taskdetail', { whseid: 'wmwhse2' });
    expect(mode).toBe('full');
    await put({ options: {} });
    await sync('taskdetail');
  });
});

describe('another source', () => {
  it('is refused until it is confirmed, and then the rows so far are set aside', async () => {
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'taskdetail' }, { $set: { sourceHash: 'another tenant' } });
    const refused = await call('sync-table', { body: { tableId: 'taskdetail' } });
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 409,
      code: 'SOURCE_CHANGED',
    });
    const confirm = { body: { tableId: 'taskdetail', action: 'confirm-source' } };
    // A worker of the run that was ended above may still be writing, for the time of a lease.
    expect((await call('sync-control', confirm)).body.code).toBe('SYNC_RUNNING');
    const longAgo = { 'stats.endTime': new Date(Date.now() - HOUR_MS) };
    await db.collection('syncjobs').updateMany({}, { $set: longAgo });
    const { body } = await call('sync-control', confirm);
    expect(await db.collection(String(body.setAside)).countDocuments()).toBeGreaterThan(20);
    const { mode, stats } = await sync('taskdetail');
    expect({ mode, created: stats.insertedRecords }).toEqual({
      mode: 'full',
      created: stats.processedRecords,
    });
    await expectEqual('taskdetail');
  });
});

describe('documents of an earlier version', () => {
  it('stop the run before it writes anything', async () => {
    await db.collection('receipts').insertOne({ RECEIPTKEY: '0000000001' });
    const { status, body } = await call('sync-table', { body: { tableId: 'receipt' } });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'EARLIER_DATA' });
    expect(await db.collection('receipts').countDocuments()).toBe(1);
  });
});
