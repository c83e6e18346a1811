import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { app } from '../../src/app.js';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';

const { lake, call, sync, expectEqual, config, db } = await startBackend({ rows: 300 });
await call('init-sync-config', { body: {} });
const soon = (ms: number) => Date.now() + ms;
const history = () => db.collection('synchistories').find({ tableId: 'taskdetail' }).toArray();

describe('a table', () => {
  it('has one run at a time: the others are told which', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => call('sync-table', { body: { tableId: 'taskdetail' } })),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
    const winner = replies.find(({ status }) => status === 200);
    for (const { status, body } of replies.filter((reply) => reply.status === 409)) {
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'SYNC_RUNNING' });
      expect(body.details[0]?.jobId).toBe(winner?.body.jobId);
    }
    expect(await history()).toHaveLength(1);
    await expectEqual('taskdetail');
  });
});

describe('a run that was left in the middle', () => {
  it('goes on from the last saved page, whoever takes it up', async () => {
    const context = await app().sync();
    lake.configure({ pageLatencyMs: 30 });
    const job = await startJob(
      context,
      { tableId: 'taskdetail', mode: 'full', batchSize: 20 },
      'api',
    );
    let slices = 0;
    for (let state = 'more'; state === 'more'; slices++) {
      state = (await advance(context, job._id, soon(120))).state;
    }
    lake.configure({ pageLatencyMs: 0 });
    expect(slices).toBeGreaterThan(2);
    const pages = lake.requests.filter(({ kind, rows = 0 }) => kind === 'result' && rows > 1);
    const ended = await db.collection('syncjobs').findOne({ _id: job._id });
    expect(ended?.stats).toMatchObject({
      processedRecords: ended?.totalRecords,
      unchangedRecords: ended?.totalRecords,
    });
    expect(pages.length).toBeGreaterThan(0);
    await expectEqual('taskdetail');
  });

  it('is taken up by the next request for its table', async () => {
    const context = await app().sync();
    const job = await startJob(context, { tableId: 'taskdetail', mode: 'full' }, 'api');
    expect(await advance(context, job._id, soon(-1))).toMatchObject({ state: 'more' });
    const { status, body } = await call('sync-table', { body: { tableId: 'taskdetail' } });
    expect({ status, jobId: body.jobId, resumed: body.resumed }).toEqual({
      status: 200,
      jobId: String(job._id),
      resumed: true,
    });
  });

  it('is sent anew where its result has expired, and counts from zero', async () => {
    const context = await app().sync();
    const job = await leaveInTheMiddle(app(), lake, {
      tableId: 'taskdetail',
      mode: 'full',
      batchSize: 5,
    });
    lake.forgetResult();
    const result = await advance(context, job._id, soon(20_000));
    expect(result.state).toBe('done');
    const ended = await db.collection('syncjobs').findOne({ _id: job._id });
    expect(ended?.stats.processedRecords).toBe(ended?.totalRecords);
    expect(ended).toMatchObject({ queryAttempts: 2 });
    expect(ended?.warnings).toContainEqual(expect.stringMatching(/query.*\b1$/));
    await expectEqual('taskdetail');
  });

  it('is taken up although its lease is of a clock that was ahead', async () => {
    const context = await app().sync();
    const job = await startJob(context, { tableId: 'taskdetail' }, 'api');
    const at = new Date(Date.now() + 3_600_000);
    const lease = { owner: 'gone', fence: 1, at };
    await db.collection('syncjobs').updateOne({ _id: job._id }, { $set: { lease, heartbeat: at } });
    const result = await advance(context, job._id, soon(20_000), { onlyIfLeft: true });
    expect(result.state).toBe('done');
  });

  it('moves nothing once another worker has taken it over', async () => {
    const context = await app().sync();
    const job = await startJob(context, { tableId: 'taskdetail', mode: 'full' }, 'api');
    lake.configure({ pageLatencyMs: 500 });
    const frozen = advance(context, job._id, soon(20_000));
    const jobs = db.collection('syncjobs');
    const owner = async () =>
      (await jobs.findOne({ _id: job._id }))?.segments[0]?.lease?.owner as string | undefined;
    await expect.poll(owner).toEqual(expect.any(String));
    const takeOver = async () => {
      await jobs.updateOne({ _id: job._id }, { $set: { 'segments.0.lease.at': new Date(0) } });
      return advance(context, job._id, soon(20_000));
    };
    // The first one may have renewed its lease in between.
    const second = takeOver().then((met) => (met.state === 'busy' ? takeOver() : met));
    await expect(frozen).rejects.toMatchObject({ code: 'SYNC_SUPERSEDED' });
    expect(await second).toMatchObject({ state: 'done' });
    lake.configure({ pageLatencyMs: 0 });
    const entries = (await history()).filter((e) => e.syncJobId === String(job._id));
    expect(entries).toMatchObject([{ status: 'completed' }]);
    await expectEqual('taskdetail');
  });
});

describe('the end of a run', () => {
  it('can be repeated from any of its steps, and gives the same', async () => {
    const context = await app().sync();
    lake.advance(3_600_000);
    await lake.edit('CSWMS_wmwhse_TASKDETAIL', { STATUS: '0' }, { STATUS: '9' });
    const { jobId } = await sync('taskdetail');
    const before = { config: await config('taskdetail'), entries: await history() };
    const _id = new Types.ObjectId(jobId);
    const jobs = db.collection('syncjobs');
    const ended = await jobs.findOne({ _id });
    // As a crash before the last step leaves it.
    const { active: _a, ...crashed } = {
      ...ended,
      phase: 'finishing',
      status: 'in_progress',
      active: true,
    };
    await jobs.replaceOne({ _id }, crashed);
    await jobs.updateOne({ _id }, { $set: { active: true } });
    expect(await advance(context, _id, soon(20_000))).toMatchObject({ state: 'done' });
    expect(await jobs.findOne({ _id })).toMatchObject({ status: 'completed', stats: ended?.stats });
    expect(await config('taskdetail')).toEqual(before.config);
    expect((await history()).map(({ updatedAt: _, tally: _t, ...entry }) => entry)).toEqual(
      before.entries.map(({ updatedAt: _, tally: _t, ...entry }) => entry),
    );
  });
});

describe('calls of one process', () => {
  it('share one token and one connection', async () => {
    lake.clearRequests();
    const first = await app().models();
    await sync('taskdetail');
    await sync('orders');
    expect(lake.requests.filter(({ kind }) => kind === 'token')).toHaveLength(0);
    await app().sync();
    expect(await app().models()).toBe(first);
  });
});
