import { describe, expect, it } from 'vitest';
import { app } from '../../src/app.js';
import { dispatch, type WorkOrder } from '../../src/sync/dispatch.js';
import { startJob } from '../../src/sync/start.js';
import { runOrder } from '../../src/sync/worker.js';
import { startBackend } from '../support/backend.js';
import { takeInto } from '../support/orders.js';

const { lake, call, expectEqual, config, db } = await startBackend({ rows: 400 });
await call('init-sync-config', { body: {} });
const context = await app().sync();
const jobs = db.collection('syncjobs');
const SLICE_MS = 150;

/** Runs every order as the platform does, `copies` times at once, until none is left. */
async function runChain(jobId: unknown, copies: number): Promise<number> {
  const queue: WorkOrder[] = [];
  const send = takeInto(queue);
  await dispatch(context, send, jobId as never);
  let started = 0;
  for (let order = queue.shift(); order; order = queue.shift()) {
    started++;
    const same = order;
    await Promise.all(
      Array.from({ length: copies }, () => runOrder(context, send, same, Date.now() + SLICE_MS)),
    );
    expect(started).toBeLessThan(200);
  }
  return started;
}

describe('a chain of workers', () => {
  it('brings a long run to its end, each one starting the next', async () => {
    lake.configure({ pageLatencyMs: 20 });
    const job = await startJob(context, { tableId: 'taskdetail', batchSize: 20 }, 'api');
    expect(await runChain(job._id, 1)).toBeGreaterThan(2);
    const rows = await lake.rows('CSWMS_wmwhse_TASKDETAIL');
    expect(await jobs.findOne({ _id: job._id })).toMatchObject({
      status: 'completed',
      outcome: 'complete',
      stats: { processedRecords: rows.length, insertedRecords: rows.length },
    });
    await expectEqual('taskdetail');
  });

  it('does the same where the platform starts each order three times', async () => {
    const job = await startJob(
      context,
      { tableId: 'taskdetail', batchSize: 20, mode: 'full' },
      'api',
    );
    await runChain(job._id, 3);
    const ended = await jobs.findOne({ _id: job._id });
    expect(ended).toMatchObject({
      status: 'completed',
      stats: { processedRecords: ended?.totalRecords, unchangedRecords: ended?.totalRecords },
    });
    const entries = db.collection('synchistories').find({ syncJobId: String(job._id) });
    expect(await entries.toArray()).toMatchObject([{ status: 'completed' }]);
    lake.configure({ pageLatencyMs: 0 });
  });

  it('ignores an order whose successor has been sent', async () => {
    const job = await startJob(context, { tableId: 'taskdetail', mode: 'full' }, 'api');
    const orders: WorkOrder[] = [];
    const send = takeInto(orders);
    await dispatch(context, send, job._id);
    await dispatch(context, send, job._id);
    const [old, current] = orders as [WorkOrder, WorkOrder];
    expect(await runOrder(context, send, old, Date.now() + 20_000)).toBe('ignored');
    expect(await runOrder(context, send, current, Date.now() + 20_000)).toBe('done');
  });
});

describe('the worker function', () => {
  const order = { jobId: '0123456789abcdef01234567', slot: 0, sequence: 1 };

  it('refuses an order that this backend has not signed', async () => {
    const { status, headers, body } = await call('sync-worker-background', {
      body: order,
      headers: { 'x-sync-signature': 'forged' },
    });
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'SIGNATURE_INVALID' });
    expect(headers.get('www-authenticate')).toBe('X-Sync-Signature');
  });

  it.each([
    ['what is no order', JSON.stringify({ a: 1, b: [] }), 401, 'SIGNATURE_INVALID'],
    ['what is no JSON', '{', 401, 'SIGNATURE_INVALID'],
    ['many wrong fields', JSON.stringify({ ...Array(100).fill(0) }), 401, 'SIGNATURE_INVALID'],
    ['what is far longer than an order', 'x'.repeat(64_000), 413, 'BODY_TOO_LARGE'],
  ])('answers %s from anybody briefly', async (_what, text, expected, code) => {
    const { status, body } = await call('sync-worker-background', { body: text });
    expect({ status, code: body.code }).toEqual({ status: expected, code });
    expect(JSON.stringify(body).length).toBeLessThan(600);
  });
});

describe('sync-table', () => {
  it('goes on here where the site can not call itself, and says so only if that is not enough', async () => {
    const { status, body } = await call('sync-table', { body: { tableId: 'orders', wait: 0 } });
    expect({ status, outcome: body.outcome }).toEqual({ status: 200, outcome: 'complete' });
    await expectEqual('orders');
  });
});

describe('control', () => {
  it('cancels a run where it stands: its worker stops, the watermark stays', async () => {
    const before = (await config('taskdetail')).watermark;
    lake.configure({ pageLatencyMs: 100 });
    const running = call('sync-table', {
      body: { tableId: 'taskdetail', mode: 'full', batchSize: 20 },
    });
    await expect.poll(async () => (await jobs.findOne({ active: true }))?.phase).toBe('reading');
    const job = await jobs.findOne({ active: true });
    const { status, body } = await call('sync-control', {
      body: { action: 'cancel', jobId: String(job?._id) },
    });
    expect(status).toBe(200);
    expect(body.job).toMatchObject({ status: 'failed', outcome: 'canceled' });
    expect((await running).body).toMatchObject({
      code: 'SYNC_CANCELED',
      jobId: String(job?._id),
    });
    lake.configure({ pageLatencyMs: 0 });
    expect((await config('taskdetail')).watermark).toEqual(before);
    expect(await config('taskdetail')).toMatchObject({ failureCount: 0 });
    const again = await call('sync-control', {
      body: { action: 'cancel', jobId: String(job?._id) },
    });
    expect(again.body.code).toBe('JOB_ENDED');
  });

  it('takes a table off the schedule and puts it back', async () => {
    await call('sync-control', { body: { action: 'pause', tableId: 'receipt' } });
    const paused = await call('sync-run-due', { body: {} });
    const tables = paused.body.syncedTables as { tableId: string }[];
    expect(tables.map(({ tableId }) => tableId)).not.toContain('receipt');
    await call('sync-control', { body: { action: 'resume', tableId: 'receipt' } });
    const resumed = await call('sync-run-due', { body: {} });
    expect(resumed.body.syncedTables).toMatchObject([{ tableId: 'receipt', how: 'started' }]);
  });

  it('names the field that an action lacks', async () => {
    const { status, body } = await call('sync-control', { body: { action: 'cancel' } });
    expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field: 'jobId' });
  });
});

describe('progress', () => {
  it('is shown while a run goes on', async () => {
    lake.configure({ pageLatencyMs: 60 });
    const running = call('sync-table', {
      body: { tableId: 'taskdetail', mode: 'full', batchSize: 50 },
    });
    const active = async () =>
      (await call('sync-status')).body.jobs as { progress: { percent: number } }[];
    await expect.poll(async () => (await active())[0]?.progress.percent ?? 0).toBeGreaterThan(0);
    expect((await active())[0]?.progress).toMatchObject({
      stalled: false,
      segments: { total: 1, done: 0, inWork: 1 },
    });
    lake.configure({ pageLatencyMs: 0 });
    await running;
    expect(await active()).toEqual([]);
  });
});
