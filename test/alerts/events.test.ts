import { beforeEach, describe, expect, it } from 'vitest';
import { ORDERDETAIL, TASKDETAIL } from '../../dev/lake/wms/objects.js';
import { app } from '../../src/app.js';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';
import { LOCAL, setSetting, startReceiver } from './receiver.js';

/** The object as another tenant might have it: text where a number is expected. */
const loose = {
  ...TASKDETAIL,
  columns: TASKDETAIL.columns.map((column) =>
    column.name === 'QTY' ? { ...column, type: 'text' as const } : column,
  ),
};
const backend = await startBackend({ rows: 50, objects: [loose] }, LOCAL);
const { lake, call, sync, config, configure, db } = backend;
await call('init-sync-config', { body: {} });
const receiver = await startReceiver(backend);
const configs = db.collection('syncconfigs');
const alerts = db.collection('alerts');

/** While it lasts the lake can't count. */
async function failing<T>(run: () => Promise<T>): Promise<T> {
  lake.fault({ kind: 'failed', sql: 'ROW_COUNT', every: 1, word: 'SYNTAX_ERROR: line 1:8' });
  const result = await run();
  lake.clearFaults();
  return result;
}
const syncTable = (tableId: string) => call('sync-table', { body: { tableId } });
const pass = () => call('sync-run-due', { body: {} });
const set = (tableId: string, fields: object) => configs.updateOne({ tableId }, { $set: fields });
const isDue = (tableId: string) => set(tableId, { nextRunAt: new Date(0) });

beforeEach(async () => {
  receiver.seen.length = 0;
  await alerts.deleteMany({});
  await configs.updateMany(
    {},
    { $set: { nextRunAt: new Date(Date.now() + 3_600_000), failureCount: 0 } },
  );
});

describe('a run that fails', () => {
  it('is told with its reason, once however often, and so is its recovery', async () => {
    const { body } = await failing(() => syncTable('receipt'));
    const [failed] = receiver.received();
    expect(failed).toEqual({
      event: 'failed',
      tableId: 'receipt',
      tableName: 'Receipt',
      message: expect.stringContaining('A run of Receipt failed: '),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      jobId: body.jobId,
      historyId: body.historyId,
      error: { code: body.code, message: body.error, details: body.details },
    });
    expect(JSON.stringify(failed)).toContain('line 1:8');
    await failing(() => syncTable('receipt'));
    expect(receiver.events()).toEqual(['failed']);
    await sync('receipt');
    expect(receiver.events()).toEqual(['failed', 'recovered: failed']);
    expect(receiver.received()[1]?.details).toMatchObject({ count: 2, since: failed?.at });
    await sync('receipt');
    expect(receiver.seen).toHaveLength(2);
  });

  it('is told again when it fails after a recovery', async () => {
    for (let time = 1; time <= 2; time++) {
      await failing(() => syncTable('receipt'));
      await sync('receipt');
    }
    const both = ['failed', 'recovered: failed'];
    expect(receiver.events()).toEqual([...both, ...both]);
  });

  it('is told where it could not even start', async () => {
    await db.collection('orders').insertOne({ ORDERKEY: 'of an earlier version' });
    await isDue('orders');
    await pass();
    await db.collection('orders').deleteMany({ ORDERKEY: 'of an earlier version' });
    expect(receiver.received()).toMatchObject([
      { event: 'failed', tableId: 'orders', error: { code: 'EARLIER_DATA' } },
    ]);
    expect(receiver.received()[0]).not.toHaveProperty('jobId');
  });
});

describe('a table that the schedule gives up', () => {
  it('is told, and has recovered when it runs and is on the schedule again', async () => {
    await set('receipt', { failureCount: 9 });
    await isDue('receipt');
    await failing(() => pass());
    expect(receiver.events()).toEqual(['failed', 'paused']);
    expect(receiver.received()[1]).toMatchObject({
      tableId: 'receipt',
      message: expect.stringContaining('10 failures in a row'),
      error: { code: 'LAKE_QUERY_FAILED' },
    });
    await sync('receipt');
    expect(receiver.events().slice(2)).toEqual(['recovered: failed']);
    await call('sync-control', { body: { tableId: 'receipt', action: 'resume' } });
    await pass();
    expect(receiver.events().slice(3)).toEqual(['recovered: paused']);
  });

  it('is told also where its runs can not start', async () => {
    await set('orders', { failureCount: 9 });
    await db.collection('orders').insertOne({ ORDERKEY: 'of an earlier version' });
    await isDue('orders');
    await pass();
    await db.collection('orders').deleteMany({});
    await configs.updateOne({ tableId: 'orders' }, { $unset: { pausedReason: '' } });
    expect(receiver.events()).toEqual(['failed', 'paused']);
    expect(receiver.received()[1]?.error?.code).toBe('EARLIER_DATA');
  });
});

describe('a run that was left', () => {
  it('is told when the sweep takes it up, and when it has come to its end', async () => {
    const job = await startJob(await app().sync(), { tableId: 'receipt' }, 'api');
    const heartbeat = new Date(Date.now() - 3_600_000);
    await db.collection('syncjobs').updateOne({ _id: job._id }, { $set: { heartbeat } });
    await pass();
    expect(receiver.events()).toEqual(['stalled', 'recovered: stalled']);
    expect(receiver.received()[0]).toMatchObject({
      jobId: String(job._id),
      historyId: String(job.historyId),
      details: { silentSince: heartbeat.toISOString() },
    });
  });
});

describe('rejected rows', () => {
  const row = (QTY: string) => ({
    SERIALKEY: 1,
    WHSEID: 'wmwhse1',
    TASKDETAILKEY: '0000000001',
    QTY,
  });

  it('are told by number, never by what is in them, and again when none is left', async () => {
    await lake.insert(TASKDETAIL.name, [row('seven of a kind')]);
    await sync('taskdetail');
    expect(receiver.received()).toMatchObject([
      { event: 'rejects', details: { unreadableRecords: 1, processedRecords: 1 } },
    ]);
    expect(receiver.seen[0]?.body).not.toContain('seven');
    // A run that doesn't come to the row says nothing about it.
    await db.collection('syncconfigs').updateOne(
      { tableId: 'taskdetail' },
      {
        $set: { lookbackMinutes: 0 },
      },
    );
    lake.advance(3_600_000);
    await lake.insert(TASKDETAIL.name, [{ ...row('8'), SERIALKEY: 2, TASKDETAILKEY: '2' }]);
    await sync('taskdetail');
    expect(receiver.seen).toHaveLength(1);
    lake.advance(1000);
    await lake.insert(TASKDETAIL.name, [row('7')]);
    await sync('taskdetail');
    expect(receiver.events()).toEqual(['rejects', 'recovered: rejects']);
  });
});

describe('a large share of rejected rows', () => {
  const lines = (first: number, bad: number) =>
    Array.from({ length: 10 }, (_, i) => ({
      SERIALKEY: first + i,
      WHSEID: 'wmwhse9',
      ORDERKEY: i < bad ? null : String(first + i),
      ORDERLINENUMBER: '00001',
    }));

  it('is told at once though the alert is open, and once', async () => {
    const messages = () => receiver.received().map(({ message }) => message);
    for (const [first, bad] of [
      [1_000, 1],
      [2_000, 3],
      [3_000, 3],
    ] as const) {
      lake.advance(3 * 3_600_000);
      await lake.insert(ORDERDETAIL.name, lines(first, bad));
      await sync('orderdetail', { batchSize: 5 });
    }
    expect(messages()).toEqual([
      expect.stringMatching(/^1 of \d+ rows of Order Detail were rejected[.]$/),
      '4 of 20 rows of Order Detail were rejected (20 %).',
    ]);
  });
});

describe('a large share of rejected rows in the middle of a run', () => {
  it('is told before the run ends', async () => {
    const rows = Array.from({ length: 1_200 }, (_, i) => ({
      SERIALKEY: 10_000 + i,
      WHSEID: 'wmwhse9',
      ORDERKEY: i % 2 === 0 ? null : String(i),
      ORDERLINENUMBER: '00001',
    }));
    lake.advance(3 * 3_600_000);
    await lake.insert(ORDERDETAIL.name, rows);
    await db.collection('alerts').deleteMany({});
    const context = await app().sync();
    const job = await startJob(context, { tableId: 'orderdetail', batchSize: 1_000 }, 'api');
    await advance(context, job._id, Date.now() + 20_000);
    expect(receiver.received()).toMatchObject([
      {
        event: 'rejects',
        jobId: String(job._id),
        message: expect.stringMatching(
          /^\d{3} of 1000 rows of Order Detail were rejected [(]\d\d %[)], and the run goes on[.]$/,
        ),
      },
    ]);
  });
});

describe('a source that brings nothing any more', () => {
  it('is told by each pass that finds it so, though every run completes', async () => {
    for (const other of ['taskdetail', 'receiptdetail', 'orders', 'orderdetail']) {
      await configure(other, { enabled: false });
    }
    await sync('receipt');
    const watermark = new Date(Date.now() - 7_200_000);
    await set('receipt', { watermark });
    await pass();
    expect(receiver.seen).toEqual([]);

    await setSetting(backend, 'freshnessLimitMinutes', 60);
    await pass();
    await pass();
    expect(receiver.events()).toEqual(['source_not_fresh']);
    expect(receiver.received()[0]?.details).toMatchObject({
      limitMinutes: 60,
      watermark: watermark.toISOString(),
      lastSyncStatus: 'completed',
    });
    await set('receipt', { watermark: new Date() });
    await pass();
    await pass();
    expect(receiver.events()).toEqual(['source_not_fresh', 'recovered: source_not_fresh']);
    expect((await config('receipt')).failureCount).toBe(0);
    await setSetting(backend, 'freshnessLimitMinutes', null);
    await configs.updateMany({}, { $set: { enabled: true } });
  });
});

describe('without a webhook', () => {
  it('nothing is stored, and nothing is told later of what was over by then', async () => {
    await failing(() => syncTable('receipt'));
    await setSetting(backend, 'alertWebhookUrl', null);
    await sync('receipt');
    await failing(() => syncTable('receiptdetail'));
    expect(await alerts.find({}).toArray()).toMatchObject([
      { _id: 'receipt|failed', open: false, outbox: [] },
    ]);
    await setSetting(backend, 'alertWebhookUrl', receiver.webhook);
    await sync('receipt');
    await pass();
    expect(receiver.events()).toEqual(['failed']);
  });
});
