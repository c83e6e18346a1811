import { beforeEach, describe, expect, it } from 'vitest';
import { LOCAL, startReceiver } from '../alerts/receiver.js';
import { startBackend } from '../support/backend.js';

const backend = await startBackend({ rows: 60 }, LOCAL, { emptyPagePauseMs: 5, leaseMs: 200 });
const { call, sync, config, db, expectEqual } = backend;
await call('init-sync-config', { body: {} });
const receiver = await startReceiver(backend);
const jobs = db.collection('syncjobs');
const configs = db.collection('syncconfigs');
const runDue = () => call('sync-run-due', { body: {} });
await configs.updateMany({}, { $set: { nextRunAt: new Date(Date.now() + 3_600_000) } });

/** From now on the collection takes only documents that this matches. */
const admit = (collection: string, validator: object) =>
  db.command({ collMod: collection, validator, validationLevel: 'strict' });
const activeJob = () => jobs.findOne({ active: true });
/** As if the pause after the last failure, and a lease, were over. */
const restIsOver = () =>
  jobs.updateMany(
    { active: true },
    { $set: { heartbeat: new Date(0), 'finishing.nextAt': new Date(0) } },
  );

beforeEach(() => {
  receiver.seen.length = 0;
});

describe.each([
  ['synchistories', () => ({ outcome: { $exists: false } })],
  ['syncconfigs', (lastSyncJobId: string) => ({ lastSyncJobId })],
] as const)('a run whose end %s does not take', (collection, asBefore) => {
  it('keeps its outcome, tries once a slice, and ends when it can be recorded', async () => {
    const { jobId: before } = await sync('taskdetail');
    receiver.seen.length = 0;
    await admit(collection, asBefore(before));
    const { status, body } = await call('sync-table', {
      body: { tableId: 'taskdetail', mode: 'full' },
    });
    expect({ status, message: body.message }).toEqual({
      status: 202,
      message: expect.stringContaining('cannot be recorded'),
    });
    expect(await activeJob()).toMatchObject({
      phase: 'finishing',
      outcome: 'complete',
      finishing: { failures: 1, errorCode: 'MONGODB_FAILED' },
    });

    // Before the pause is over nothing is tried, whoever comes by.
    await jobs.updateMany({ active: true }, { $set: { heartbeat: new Date(0) } });
    await Promise.all([
      runDue(),
      runDue(),
      call('sync-table', { body: { tableId: 'taskdetail' } }),
    ]);
    expect(await activeJob()).toMatchObject({ finishing: { failures: 1 } });

    for (const failures of [2, 3]) {
      await restIsOver();
      await runDue();
      expect(await activeJob()).toMatchObject({ outcome: 'complete', finishing: { failures } });
    }
    expect(receiver.received()).toMatchObject([
      {
        event: 'stalled',
        message: expect.stringContaining('its end cannot be recorded (MONGODB_FAILED)'),
      },
    ]);

    await admit(collection, {});
    await restIsOver();
    await runDue();
    const job = await jobs.findOne({}, { sort: { 'stats.startTime': -1 } });
    expect(job).toMatchObject({ phase: 'ended', status: 'completed', outcome: 'complete' });
    expect(job).not.toHaveProperty('finishing');
    const entry = await db.collection('synchistories').findOne({ syncJobId: String(job?._id) });
    expect(entry).toMatchObject({ status: 'completed', outcome: 'complete' });
    expect(await config('taskdetail')).toMatchObject({
      lastSyncJobId: String(job?._id),
      lastSyncStatus: 'completed',
      lastSyncDate: job?.stats.endTime,
      failureCount: 0,
    });
    await expectEqual('taskdetail');
  });
});

describe('the end of a run', () => {
  it('is recorded although an earlier run began in the future', async () => {
    const future = new Date(Date.now() + 7_200_000);
    await configs.updateOne({ tableId: 'receipt' }, { $set: { lastRunStartTime: future } });
    const { jobId } = await sync('receipt');
    expect(await config('receipt')).toMatchObject({
      lastSyncJobId: jobId,
      lastSyncStatus: 'completed',
      watermark: expect.any(Date),
    });
  });

  it('is recorded too where the clock was set back by seconds only', async () => {
    const soon = new Date(Date.now() + 1_000);
    await configs.updateOne({ tableId: 'receipt' }, { $set: { lastRunStartTime: soon } });
    const { jobId } = await sync('receipt');
    expect(await config('receipt')).toMatchObject({ lastSyncJobId: jobId });
  });

  it('is recorded in a configuration that was made again meanwhile', async () => {
    await sync('orders');
    await configs.updateOne({ tableId: 'orders' }, { $unset: { lastSyncJobId: '' } });
    const { jobId } = await sync('orders');
    expect(await config('orders')).toMatchObject({ lastSyncJobId: jobId });
  });
});
