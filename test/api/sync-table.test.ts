import { beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const { lake, app, call, sync, configure, config, db, expectEqual } = await startBackend({
  rows: 80,
});
await call('init-sync-config', { body: {} });
const start = (body: Record<string, unknown>) => call('sync-table', { body });

beforeEach(() => {
  lake.advance(3_600_000);
});

describe('a sync', () => {
  it('answers with what it did, and where to look it up', async () => {
    const { status, body } = await start({ tableId: 'taskdetail' });
    const rows = (await lake.rows(TASKS)).length;
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        message: 'Sync of Task Detail completed',
        jobId: expect.stringMatching(/^[0-9a-f]{24}$/),
        historyId: expect.stringMatching(/^[0-9a-f]{24}$/),
        tableId: 'taskdetail',
        status: 'completed',
        outcome: 'complete',
        mode: 'full',
        statusUrl: `/.netlify/functions/sync-status?jobId=${body.jobId}`,
        stats: {
          totalRecords: rows,
          processedRecords: rows,
          insertedRecords: rows,
          updatedRecords: 0,
          unchangedRecords: 0,
          staleRecords: 0,
          errorRecords: 0,
          unreadableRecords: 0,
          deletedRecords: 0,
          replayedRecords: 0,
          collisions: 0,
          startTime: expect.any(String),
          endTime: expect.any(String),
          duration: expect.any(Number),
          durationMs: expect.any(Number),
          status: 'completed',
        },
        proof: {
          how: 'result',
          read: rows,
          stated: rows,
          counted: rows,
          sums: { stated: expect.any(String), read: expect.any(String) },
        },
        warnings: [],
      },
    });
  });

  it('tells in words how it ended', async () => {
    await sync('receipt');
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'receipt' }, [
        { $set: { watermark: { $dateAdd: { startDate: '$watermark', unit: 'day', amount: 1 } } } },
      ]);
    expect((await sync('receipt')).message).toBe('Sync of Receipt completed: nothing new');
    const partly = await sync('receipt', { mode: 'full', maxRecords: 1 });
    expect(partly.message).toBe('Sync of Receipt completed in part: maxRecords was reached');
  });

  it('writes its request into the job, as it came', async () => {
    const options = { whseid: ['wmwhse1'], startDate: '2025-01-01', batchSize: 7 };
    const { jobId } = await sync('taskdetail', options);
    const { body } = await call('sync-status', { query: { jobId } });
    expect(body.job.options).toEqual(options);
    expect(body.history.options).toEqual(options);
  });

  it('asks for pages of the size that the request says', async () => {
    lake.clearRequests();
    await sync('taskdetail', { mode: 'full', batchSize: 30 });
    const limits = lake.requests
      .filter(({ kind, query }) => kind === 'result' && query.limit !== '10')
      .map(({ query }) => query.limit);
    // The last one has no more rows than that.
    expect(limits).toEqual(['30', '30', '20']);
  });
});

describe('a disabled table', () => {
  it('is not synced, and nothing is left of the request', async () => {
    await configure('orders', { enabled: false });
    const { status, body } = await start({ tableId: 'orders' });
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'TABLE_DISABLED' });
    const forced = await start({ tableId: 'orders', force: false });
    expect(forced.status).toBe(403);
    expect(await db.collection('syncjobs').countDocuments({ tableId: 'orders' })).toBe(0);
    expect(await db.collection('synchistories').countDocuments({ tableId: 'orders' })).toBe(0);
  });

  it('is synced with force, and stays disabled', async () => {
    await sync('orders', { force: true });
    await expectEqual('orders');
    expect(await config('orders')).toMatchObject({ enabled: false });
  });
});

describe('a table without configuration', () => {
  it('gets the default one, and is synced', async () => {
    const { body: before } = await call('sync-config', { query: { tableId: 'orderdetail' } });
    await call('sync-config', { method: 'DELETE', query: { tableId: 'orderdetail' } });
    await sync('orderdetail');
    await expectEqual('orderdetail');
    const { body: after } = await call('sync-config', { query: { tableId: 'orderdetail' } });
    for (const field of ['tableName', 'enabled', 'syncFrequency', 'batchSize', 'options']) {
      expect(after[field]).toEqual(before[field]);
    }
  });

  it('gets one however many ask at the same time', async () => {
    await call('sync-config', { method: 'DELETE', query: { tableId: 'orderdetail' } });
    const replies = await Promise.all([1, 2, 3].map(() => start({ tableId: 'orderdetail' })));
    expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(await db.collection('syncconfigs').countDocuments({ tableId: 'orderdetail' })).toBe(1);
  });

  it('gets none where nobody knows the table', async () => {
    const { status, body } = await start({ tableId: 'pallets' });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'UNKNOWN_TABLE' });
    expect(await db.collection('syncconfigs').countDocuments({ tableId: 'pallets' })).toBe(0);
  });
});

describe('a run that breaks off after its start', () => {
  it('is named in the answer, so that it can be followed', async () => {
    const jobs = db.collection('syncjobs');
    lake.configure({ queryMs: 300 });
    const answer = start({ tableId: 'receiptdetail', mode: 'full' });
    const find = () => jobs.findOne({ tableId: 'receiptdetail', active: true });
    await expect.poll(find, { interval: 10 }).not.toBeNull();
    const job = await find();
    await jobs.deleteOne({ tableId: 'receiptdetail', active: true });
    const { body } = await answer;
    lake.configure({ queryMs: 0 });
    expect(body).toMatchObject({
      code: expect.any(String),
      message: expect.any(String),
      jobId: String(job?._id),
      historyId: String(job?.historyId),
      tableId: 'receiptdetail',
    });
  });
});

describe('a run that fails', () => {
  it('is answered as a problem to those who ask for that', async () => {
    lake.fault({ kind: 'failed', every: 1 });
    const headers = { accept: 'application/problem+json' };
    const body = { tableId: 'receiptdetail', mode: 'full' };
    const reply = await call('sync-table', { body, headers });
    lake.clearFaults();
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(reply.body).toMatchObject({
      ...{ type: expect.stringContaining('LAKE_QUERY_FAILED'), status: reply.status },
      ...{ runStatus: 'failed', statusUrl: reply.headers.get('location') },
    });
  });
});

describe('a run that is not waited for', () => {
  it('is answered at its end where the site has no worker, with one slice after the other', async () => {
    const { status, body } = await start({ tableId: 'receiptdetail', wait: 0 });
    expect({ status, outcome: body.outcome }).toEqual({ status: 200, outcome: 'complete' });
    await expectEqual('receiptdetail');
  });

  it('that was left in the middle goes on with the next request, whatever that asks for', async () => {
    const left = await leaveInTheMiddle(app(), lake, {
      tableId: 'taskdetail',
      mode: 'full',
      batchSize: 5,
    });
    const { status, body } = await start({ tableId: 'taskdetail', mode: 'full', maxRecords: 1 });
    expect({ status, jobId: body.jobId, resumed: body.resumed }).toEqual({
      status: 200,
      jobId: String(left._id),
      resumed: true,
    });
    expect(body.message).toContain('an interrupted run went on');
  });
});
