import { beforeEach, describe, expect, it } from 'vitest';
import { LOCAL, startReceiver } from '../alerts/receiver.js';
import { type Body, startBackend } from '../support/backend.js';
import { fillLake, STORED_LAKE, storeDocuments } from './stored-before.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const backend = await startBackend(STORED_LAKE, LOCAL, {
  emptyPagePauseMs: 5,
  lakePolicy: { attempts: 2, baseMs: 1, capMs: 5 },
  quotaMinuteMs: 1,
});
const { lake, call, sync, db, config, expectEqual } = backend;
await call('init-sync-config', { body: {} });
await fillLake(lake);
const receiver = await startReceiver(backend);

const storedJob = () => db.collection('syncjobs').findOne({ tableId: 'taskdetail' });
const reject = (identity: string) => db.collection('syncrejects').findOne({ identity });
const submits = () =>
  lake.requests.filter(({ kind, sql }) => kind === 'submit' && sql?.startsWith('WITH d AS'));
const FINISHED = {
  totalRecords: 20,
  processedRecords: 20,
  insertedRecords: 20,
  unreadableRecords: 2,
  errorRecords: 0,
};

async function finishJob(): Promise<Body> {
  const job = await storedJob();
  lake.clearRequests();
  const { body } = await call('sync-table', { body: { tableId: 'taskdetail' } });
  expect(body).toMatchObject({ resumed: true, jobId: String(job?._id), outcome: 'complete' });
  expect(await storedJob()).toMatchObject({ status: 'completed', phase: 'ended' });
  return body;
}

beforeEach(async () => {
  receiver.seen.length = 0;
  await storeDocuments(db, lake);
});

describe('a run that a worker of the previous version has left', () => {
  it('has a lease that is over, a saved offset and an open segment', async () => {
    expect(await storedJob()).toMatchObject({
      active: true,
      phase: 'reading',
      lease: { fence: 1 },
      segments: [
        { state: 'open', next: 9, lease: { fence: 1 } },
        { state: 'open', next: 10 },
      ],
    });
  });

  it('goes on behind the saved offset, with the same query, and is proven complete', async () => {
    const queryId = (await storedJob())?.query.id;
    const { stats, proof } = await finishJob();
    expect(submits()).toEqual([]);
    const offsets = lake.requests
      .filter((one) => one.kind === 'result' && one.queryId === queryId)
      .map(({ query }) => Number(query.offset));
    expect(proof).toMatchObject({ how: 'result', read: 20, stated: 20 });
    expect(Math.min(...offsets)).toBe(9);
    expect(stats).toMatchObject(FINISHED);
    expect((await config('taskdetail')).watermark).toEqual(new Date('2026-01-15T07:00:00.000Z'));
    await expectEqual('taskdetail');
  });

  it('sends its query again where the lake has lost the result, and is proven complete', async () => {
    await storeDocuments(db);
    const { stats, proof } = await finishJob();
    expect(submits()).toHaveLength(1);
    expect(proof).toMatchObject({ how: 'result', read: 20, stated: 20 });
    expect(stats).toMatchObject({ processedRecords: 20, insertedRecords: 11, unchangedRecords: 9 });
    await expectEqual('taskdetail');
  });

  it('is counted in the statistics beside the runs that were counted before', async () => {
    const summary = async () => (await call('sync-stats')).body.summary;
    // A complete, a failed and a partial run; the one that is left has only started.
    expect(await summary()).toMatchObject({
      runningTables: 1,
      syncHistory: { total: 4, successful: 2, failed: 1 },
      records: { processed: 5, inserted: 5, openRejects: 2 },
    });
    await finishJob();
    expect(await summary()).toMatchObject({
      runningTables: 0,
      syncHistory: { total: 4, successful: 3, failed: 1 },
      records: { processed: 25, inserted: 25, openRejects: 2 },
    });
  });
});

describe('what the previous version has stored of other tables', () => {
  it('a rest of a result is read on from its offset, with the same query', async () => {
    lake.clearRequests();
    const { outcome } = await sync('orders', { maxRecords: 0 });
    expect(outcome).toBe('complete');
    expect(submits()).toEqual([]);
    expect(await config('orders')).not.toHaveProperty('leftovers');
    await expectEqual('orders');
  });

  it('an alert is sent as it was stored, and is over with the next run that ends well', async () => {
    const stored = await db.collection('alerts').findOne({});
    await sync('receipt');
    // What no receiver has taken at once is sent by the schedule's passes.
    await call('sync-run-due', { body: {} });
    const [alert, recovered, ...others] = receiver
      .received()
      .filter(({ tableId }) => tableId === 'receipt');
    const [{ at, jobId, error }] = stored?.outbox ?? [];
    expect(alert).toMatchObject({ event: 'failed', at: at.toISOString(), jobId, error });
    expect(recovered).toMatchObject({ event: 'recovered', details: { from: 'failed' } });
    expect(others).toEqual([]);
    expect(await db.collection('alerts').findOne({ tableId: 'receipt' })).toMatchObject({
      open: false,
      outbox: [],
    });
    await expectEqual('receipt');
  });

  it("a run is also finished by the schedule's pass", async () => {
    await call('sync-run-due', { body: {} });
    expect(await storedJob()).toMatchObject({ outcome: 'complete', proof: { how: 'result' } });
    await expectEqual('taskdetail');
  });
});

// The last test: it changes the lake.
describe('a reject that the previous version has stored', () => {
  it('stays open where its row is still the same, is resolved by a later version, and can be retried', async () => {
    await finishJob();
    expect(await reject('wmwhse2|T2')).toMatchObject({ open: true, reason: 'number_invalid' });

    lake.advance(1_000);
    await lake.edit(TASKS, { TASKDETAILKEY: 'T2' }, { QTY: '7' });
    await sync('taskdetail');
    expect(await reject('wmwhse2|T2')).toMatchObject({ resolution: 'arrived' });

    await lake.edit(TASKS, { TASKDETAILKEY: 'T3' }, { QTY: '8' });
    const { body } = await call('sync-rejects', {
      body: { action: 'retry', tableId: 'taskdetail' },
    });
    expect(body).toMatchObject({ retried: 1, resolved: 1, stillRejected: 0, remaining: 0 });
    expect(await reject('wmwhse1|T3')).toMatchObject({ resolution: 'arrived' });
    await expectEqual('taskdetail');
  });
});
