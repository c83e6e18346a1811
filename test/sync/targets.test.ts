import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const LINES = 'CSWMS_wmwhse_ORDERDETAIL'; // identity is SERIALKEY: a business key can be used again
const { app, lake, call, sync, configure, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  {
    emptyPagePauseMs: 5,
    lakePolicy: { attempts: 2, baseMs: 2, capMs: 10 },
    quotaMinuteMs: 1,
  },
);
await call('init-sync-config', { body: {} });

let serial = 0;
const tasks = (count: number, whseid = 'wmwhse1') =>
  Array.from({ length: count }, () => {
    serial++;
    return { SERIALKEY: serial, WHSEID: whseid, TASKDETAILKEY: `K${serial}` };
  });
const line = (key: string) => ({
  SERIALKEY: ++serial,
  WHSEID: 'wmwhse1',
  ORDERKEY: key,
  ORDERLINENUMBER: '00001',
});
const reasonOf = async (jobId: string) =>
  (await call('sync-status', { query: { jobId } })).body.job.modeReason;

await lake.insert(TASKS, tasks(10));
await sync('taskdetail');
beforeEach(() => {
  lake.advance(2 * HOUR_MS);
});

describe('a table with a watermark', () => {
  it.each<[string, (ids: never[]) => Promise<unknown>]>([
    ['is empty', async () => undefined],
    [
      'holds strangers only, under the keys of its rows',
      (ids) => db.collection('taskdetails').insertMany(ids.map((_id) => ({ _id, SKU: 'x' }))),
    ],
  ])('is read in full where its collection %s', async (_name, refill) => {
    const stored = await db.collection('taskdetails').find({}).toArray();
    await db.collection('taskdetails').drop();
    await refill(stored.map(({ _id }) => _id as never));
    const { mode, jobId } = await sync('taskdetail');
    expect({ mode, reason: await reasonOf(jobId) }).toEqual({
      mode: 'full',
      reason: 'target_empty',
    });
    await expectEqual('taskdetail');
    expect((await sync('taskdetail')).mode).toBe('incremental');
  });

  const drop = () => db.collection('taskdetails').drop();
  const storeWatermark = (watermark: Date) =>
    db.collection('syncconfigs').updateOne({ tableId: 'taskdetail' }, { $set: { watermark } });
  it.each<[string, (soon: Date) => Promise<unknown>]>([
    ['target_empty', drop],
    ['watermark_in_future', storeWatermark],
  ])('is read in full for %s, also by the run after one that failed half-way', async (...given) => {
    const [reason, spoil] = given;
    const soon = new Date(Date.now() + 400);
    await spoil(soon);
    await configure('taskdetail', { batchSize: 4 });
    lake.fault({ kind: '500', on: 'result', nth: 4, times: 1000 });
    const { body } = await call('sync-table', { body: { tableId: 'taskdetail' } });
    expect(body).toMatchObject({ outcome: 'failed', stats: { processedRecords: 4 } });
    expect(await reasonOf(body.jobId)).toBe(reason);
    lake.clearFaults();
    while (Date.now() <= soon.getTime()) await setTimeout(20);
    expect(await sync('taskdetail')).toMatchObject({ mode: 'full', outcome: 'complete' });
    await configure('taskdetail', { batchSize: 1000 });
    await expectEqual('taskdetail');
  });

  it.each<[string, Record<string, unknown>]>([
    ['another warehouse', { whseid: ['wmwhse2'] }],
    ['a backfill', { startDate: '2020-01-01' }],
  ])(
    'is read in full where %s was the first to fill its collection again',
    async (_name, request) => {
      await lake.insert(TASKS, tasks(3, 'wmwhse2'));
      await configure('taskdetail', { options: { whseid: ['wmwhse1'] } });
      await sync('taskdetail');
      await drop();
      await sync('taskdetail', request);
      expect(await sync('taskdetail')).toMatchObject({ mode: 'full', outcome: 'complete' });
      const rows = await db.collection('taskdetails').countDocuments({ WHSEID: 'wmwhse1' });
      expect(rows).toBe(
        (await lake.rows(TASKS)).filter(({ WHSEID }) => WHSEID === 'wmwhse1').length,
      );
      await configure('taskdetail', { options: {} });
      await sync('taskdetail');
    },
  );
});

describe("a stranger's document under a row's key", () => {
  it.each<[string, object]>([
    ['has nothing of ours', { SKU: 'x' }],
    ['has something else in the place of _lake', { _lake: 'text' }],
    ['has a time that is none', { _lake: { modifiedAt: 'yesterday' } }],
    ['has the SERIALKEY of another row', { SERIALKEY: 999_999 }],
  ])('%s: it is replaced, and no run crashes', async (_name, document) => {
    const [row] = tasks(1);
    const _id = `wmwhse1|K${serial}` as never;
    await db.collection('taskdetails').insertOne({ _id, ...document });
    await lake.insert(TASKS, [{ ...row }]);
    for (const mode of ['incremental', 'full']) await sync('taskdetail', { mode });
    await expectEqual('taskdetail');
  });

  it('is no hindrance to a reject of that row', async () => {
    const DETAILS = 'CSWMS_wmwhse_RECEIPTDETAIL';
    const { RECEIPTDETAIL } = await import('../../dev/lake/wms/objects.js');
    const columns = RECEIPTDETAIL.columns.map((column) =>
      column.name === 'QTYRECEIVED' ? { ...column, type: 'text' as const } : column,
    );
    await lake.defineObject({ ...RECEIPTDETAIL, columns });
    await sync('receiptdetail');
    const key = { WHSEID: 'wmwhse1', RECEIPTKEY: 'R', RECEIPTLINENUMBER: '00001' };
    await lake.insert(DETAILS, [{ SERIALKEY: 1, ...key, QTYRECEIVED: 'many' }]);
    await db.collection('receiptdetails').insertOne({ _id: 'wmwhse1|R|00001' as never, SKU: 'x' });
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'receiptdetail' }, { $set: { watermark: new Date(0) } });
    const { stats } = await sync('receiptdetail');
    expect(stats).toMatchObject({ updatedRecords: 1, unreadableRecords: 1 });
  });
});

describe('a warehouse that has no row', () => {
  it.each([['as configured'], ['as requested']])('is told of, %s', async (how) => {
    const whseid = ['wmwhse1', 'WMWHSE1'];
    if (how === 'as configured') await configure('taskdetail', { options: { whseid } });
    const request = how === 'as configured' ? {} : { whseid, mode: 'full' };
    const { warnings } = await sync('taskdetail', request);
    expect(warnings).toContainEqual(expect.stringContaining('"WMWHSE1"'));
    await configure('taskdetail', { options: {} });
    await sync('taskdetail');
  });

  it('does not count as the initial sync, which a run ends that meets its first row', async () => {
    await configure('taskdetail', {
      initialSync: true,
      options: { whseid: ['wmwhse1', 'wmwhse7'] },
    });
    expect((await sync('taskdetail')).mode).toBe('full');
    expect(await config('taskdetail')).toMatchObject({
      initialSync: true,
      emptyWarehouses: ['wmwhse7'],
    });
    // All others have been read: nothing is gained by reading them again and again.
    const second = await sync('taskdetail');
    expect({ mode: second.mode, warnings: second.warnings.join() }).toMatchObject({
      mode: 'incremental',
      warnings: expect.stringContaining('wmwhse7'),
    });
    await lake.insert(TASKS, tasks(2, 'wmwhse7'));
    const third = await sync('taskdetail');
    // Some of them may be older than what an incremental run would read.
    expect({ ...third, created: third.stats.insertedRecords }).toMatchObject({
      mode: 'full',
      created: 2,
      warnings: [],
    });
    const stored = await config('taskdetail');
    expect(stored).toMatchObject({ initialSync: false });
    expect(stored).not.toHaveProperty('emptyWarehouses');
    await configure('taskdetail', { options: {} });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('alone leaves the table as never synced', async () => {
    await configure('taskdetail', { initialSync: true, options: { whseid: ['WMWHSE9'] } });
    const { outcome, warnings } = await sync('taskdetail');
    expect({ outcome, warnings: warnings.join() }).toMatchObject({
      outcome: 'nothing_new',
      warnings: expect.stringContaining('WMWHSE9'),
    });
    expect(await config('taskdetail')).toMatchObject({ initialSync: true });
    await configure('taskdetail', { options: {} });
    await sync('taskdetail');
  });

  it('is no news where it is named twice: that is no change of scope', async () => {
    await configure('taskdetail', { options: { whseid: ['wmwhse1'] } });
    await sync('taskdetail');
    const { watermark } = await config('taskdetail');
    await configure('taskdetail', { options: { whseid: ['wmwhse1', 'wmwhse1'] } });
    expect(await config('taskdetail')).toMatchObject({ watermark });
    expect((await sync('taskdetail')).mode).toBe('incremental');
    await configure('taskdetail', { options: {} });
    await sync('taskdetail');
  });
});

describe('an initial sync that is asked for', () => {
  it('during a full run is not what that run has done', async () => {
    const context = await app().sync();
    await configure('taskdetail', { initialSync: true });
    const job = await startJob(context, { tableId: 'taskdetail' }, 'api');
    await configure('taskdetail', { initialSync: true });
    await advance(context, job._id, Date.now() + 20_000);
    expect(await config('taskdetail')).toMatchObject({ initialSync: true });
    expect((await sync('taskdetail')).mode).toBe('full');
    expect(await config('taskdetail')).toMatchObject({ initialSync: false });
  });
});

describe('two live rows with one key', () => {
  it.each([1, 1_000])('are a collision, %i rows a page, in every full run', async (batchSize) => {
    await lake.delete(LINES, 'SERIALKEY > 0');
    await lake.insert(LINES, [line(`twin${batchSize}`), line(`twin${batchSize}`), line('other')]);
    for (let run = 1; run <= 3; run++) {
      const { stats, warnings } = await sync('orderdetail', { mode: 'full', batchSize });
      expect(stats.collisions).toBe(1);
      expect(warnings).toContainEqual(expect.stringMatching(/\bkey\b.*\b1$/));
    }
  });

  it('are none where the one before was deleted: its key was used again', async () => {
    const [old, young] = [line('again'), line('again')];
    await lake.insert(LINES, [old]);
    await sync('orderdetail');
    lake.advance(HOUR_MS);
    await lake.insert(LINES, [young]);
    await lake.delete(LINES, { SERIALKEY: old.SERIALKEY });
    const { stats } = await sync('orderdetail', { batchSize: 1 });
    expect(stats.collisions).toBe(0);
    const document = await db
      .collection('orderdetails')
      .findOne({ _id: 'wmwhse1|again|00001' as never });
    expect(document).toMatchObject({ SERIALKEY: young.SERIALKEY });
  });
});

describe('a reject whose row the lake does not show for a moment', () => {
  it('stays open: an empty answer alone proves nothing', async () => {
    const ORDERS = 'CSWMS_wmwhse_ORDERS';
    const { ORDERS: OBJECT } = await import('../../dev/lake/wms/objects.js');
    const columns = OBJECT.columns.map((column) =>
      column.name === 'OPENQTY' ? { ...column, type: 'text' as const } : column,
    );
    await lake.defineObject({ ...OBJECT, columns });
    await lake.insert(ORDERS, [{ SERIALKEY: 1, WHSEID: 'wmwhse1', ORDERKEY: 'bad', OPENQTY: 'x' }]);
    await sync('orders');
    const retry = () => call('sync-rejects', { body: { action: 'retry', tableId: 'orders' } });
    lake.fault({ kind: 'emptyPage', on: 'result', sql: 'LAKE_ROWS', every: 1 });
    expect((await retry()).body).toMatchObject({ gone: 0, stillRejected: 1 });
    lake.clearFaults();
    await lake.hide(ORDERS, { ORDERKEY: 'bad' });
    expect((await retry()).body).toMatchObject({ gone: 1, stillRejected: 0 });
  });
});
