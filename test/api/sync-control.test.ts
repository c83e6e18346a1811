import { beforeEach, describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';

const { lake, app, call, sync, config, db, expectEqual } = await startBackend({ rows: 60 });
await call('init-sync-config', { body: {} });
const control = (body: unknown) => call('sync-control', { body });
const UNKNOWN = '0123456789abcdef01234567';

beforeEach(() => {
  lake.advance(3_600_000);
});

describe('cancel', () => {
  it('ends a run where it stands: what is written stays, the watermark stays, the next run repairs', async () => {
    const job = await leaveInTheMiddle(app(), lake, {
      tableId: 'taskdetail',
      mode: 'full',
      batchSize: 5,
    });
    const { status, body } = await control({ action: 'cancel', jobId: String(job._id) });
    expect({ status, job: body.job }).toMatchObject({
      status: 200,
      job: { status: 'failed', outcome: 'canceled', errorCode: 'SYNC_CANCELED' },
    });
    expect(await db.collection('synchistories').findOne({ _id: job.historyId })).toMatchObject({
      status: 'failed',
      outcome: 'canceled',
    });
    const { processedRecords } = body.job.stats;
    expect(processedRecords).toBeGreaterThan(0);
    expect(await db.collection('taskdetails').countDocuments()).toBe(processedRecords);
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
    expect(await config('taskdetail')).toMatchObject({ failureCount: 0 });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('cancels the query in the lake as well', async () => {
    const context = await app().sync();
    lake.fault({ kind: 'stuck', every: 1 });
    const job = await startJob(context, { tableId: 'orders' }, 'api');
    const sent = async () => (await advance(context, job._id, Date.now() + 200)).job.probeQuery;
    await expect.poll(sent, { timeout: 10_000 }).toBeDefined();
    lake.clearFaults();
    lake.clearRequests();
    await control({ action: 'cancel', jobId: String(job._id) });
    expect(lake.requests.filter(({ kind }) => kind === 'cancel')).toHaveLength(1);
    await sync('orders');
    await expectEqual('orders');
  });

  it('works without ION credentials', async () => {
    const job = await startJob(await app().sync(), { tableId: 'orders' }, 'api');
    const secret = process.env.ION_SASK;
    process.env.ION_SASK = '';
    try {
      const { status, body } = await control({ action: 'cancel', jobId: String(job._id) });
      expect({ status, outcome: body.job.outcome }).toEqual({ status: 200, outcome: 'canceled' });
    } finally {
      process.env.ION_SASK = secret;
    }
    await sync('orders');
  });

  it('of a run that has ended says so', async () => {
    const { jobId } = await sync('receipt');
    const { status, body } = await control({ action: 'cancel', jobId });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'JOB_ENDED' });
  });

  it('of an unknown run says so', async () => {
    const { status, body } = await control({ action: 'cancel', jobId: UNKNOWN });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'JOB_NOT_FOUND' });
  });
});

describe('pause and resume', () => {
  it('take a table off the schedule and put it back, due at once', async () => {
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'orders' }, { $set: { failureCount: 7 } });
    expect((await control({ action: 'pause', tableId: 'orders' })).status).toBe(200);
    expect(await config('orders')).toMatchObject({ pausedReason: expect.any(String) });
    expect((await control({ action: 'resume', tableId: 'orders' })).status).toBe(200);
    const resumed = await config('orders');
    expect(resumed).toMatchObject({ failureCount: 0 });
    expect(resumed).not.toHaveProperty('pausedReason');
    expect(Number(resumed.nextRunAt)).toBeLessThanOrEqual(Date.now());
  });

  it('take blank fields for what is left out', async () => {
    for (const [action, jobId] of [
      ['pause', null],
      ['resume', ''],
    ]) {
      expect((await control({ action, tableId: 'receipt', jobId })).status).toBe(200);
    }
  });

  it('of a table do not keep a user from syncing it', async () => {
    await control({ action: 'pause', tableId: 'orders' });
    await sync('orders');
    await control({ action: 'resume', tableId: 'orders' });
  });
});

describe('confirm-source', () => {
  it('does nothing where the tenant is the same', async () => {
    await sync('receipt');
    const before = await config('receipt');
    const { status, body } = await control({ action: 'confirm-source', tableId: 'receipt' });
    expect({ status, setAside: body.setAside }).toEqual({ status: 200, setAside: undefined });
    expect(await config('receipt')).toEqual(before);
    await expectEqual('receipt');
  });
});

describe('a request', () => {
  it.each<[unknown, number, string]>([
    [{}, 400, 'action'],
    [{ action: 'stop' }, 400, 'action'],
    [{ action: ['cancel'], jobId: UNKNOWN }, 400, 'action'],
    [{ action: 'cancel' }, 400, 'jobId'],
    [{ action: 'cancel', tableId: 'orders' }, 400, 'jobId'],
    [{ action: 'cancel', jobId: 'nope' }, 400, 'jobId'],
    [{ action: 'cancel', jobId: { $gt: '' } }, 400, 'jobId'],
    [{ action: 'pause' }, 400, 'tableId'],
    [{ action: 'pause', tableId: 'nope' }, 400, 'tableId'],
    [{ action: 'pause', tableId: { $gt: '' } }, 400, 'tableId'],
    [{ action: 'resume', tableId: 'orders', force: true }, 400, 'force'],
  ])('%j is refused, by the name of the field', async (body, status, field) => {
    const before = await db.collection('syncconfigs').find({}).toArray();
    const reply = await control(body);
    expect({ status: reply.status, field: reply.body.details[0]?.field }).toEqual({
      status,
      field,
    });
    expect(await db.collection('syncconfigs').find({}).toArray()).toEqual(before);
  });

  it.each(['pause', 'resume', 'confirm-source'])(
    'to %s a table that has no configuration finds none',
    async (action) => {
      await call('sync-config', { method: 'DELETE', query: { tableId: 'orderdetail' } });
      const { status, body } = await control({ action, tableId: 'orderdetail' });
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'CONFIG_NOT_FOUND' });
    },
  );
});
