import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { BOUNDS } from '../../src/sync/bounds.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

const backend = await startBackend({ rows: 100 }, {}, { emptyPagePauseMs: 5, quotaMinuteMs: 600 });
const { lake, call, app, db, config, sync, expectEqual } = backend;
await call('init-sync-config', { body: {} });
const context = await app().sync();
const jobs = db.collection('syncjobs');
const ago = (ms: number) => new Date(Date.now() - ms);

async function begun() {
  return startJob(context, { tableId: 'taskdetail', mode: 'full', batchSize: 20 }, 'api');
}

beforeEach(() => lake.clearFaults());
afterEach(async () => {
  const left = await jobs.findOne({ active: true });
  if (left) await call('sync-control', { body: { action: 'cancel', jobId: String(left._id) } });
});

describe('a run that is taken up again and again', () => {
  it('counts that until it gets further', async () => {
    lake.fault({ kind: 'stuck' });
    const { _id } = await begun();
    const slice = () => advance(context, _id, Date.now() + 300);
    const stored = () => jobs.findOne({ _id });
    // To send the query is progress; a slow machine may need several slices for it.
    while (!(await stored())?.probeQuery) await slice();
    const before = (await stored())?.sinceProgress?.takeUps ?? 0;
    for (const takeUps of [1, 2]) {
      await slice();
      expect((await stored())?.sinceProgress?.takeUps).toBe(before + takeUps);
    }
  });

  it('ends with a code of its own when that goes on, and is repaired by the next', async () => {
    const { _id } = await begun();
    const sinceProgress = { takeUps: BOUNDS.takeUps, from: ago(BOUNDS.withoutProgressMs) };
    await jobs.updateOne({ _id }, { $set: { sinceProgress } });
    const { state, job } = await advance(context, _id, Date.now() + 20_000);
    expect(state).toBe('done');
    expect(job).toMatchObject({
      outcome: 'failed',
      errorCode: 'RUN_STUCK',
      errorDetails: [{ message: expect.stringContaining('in phase learning') }],
    });
    expect(await config('taskdetail')).toMatchObject({ lastSyncStatus: 'failed', failureCount: 1 });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('goes on where it is not for long, or not often', async () => {
    for (const sinceProgress of [
      { takeUps: 1_000, from: ago(BOUNDS.withoutProgressMs - 60_000) },
      { takeUps: 1, from: ago(10 * BOUNDS.withoutProgressMs) },
    ]) {
      const { _id } = await begun();
      await jobs.updateOne({ _id }, { $set: { sinceProgress } });
      const { job } = await advance(context, _id, Date.now() + 20_000);
      expect(job).toMatchObject({ outcome: 'complete' });
      expect(job).not.toHaveProperty('sinceProgress');
    }
  });
});

describe('a 429 that never ends', () => {
  it('fails the run after an hour, counted across slices, and names the cause', async () => {
    lake.fault({ kind: '429', on: 'any', rate: 1 });
    const { _id } = await begun();
    const slice = () => advance(context, _id, Date.now() + 300);
    expect((await slice()).state).toBe('more');
    const first = (await jobs.findOne({ _id }))?.sinceProgress.quotaFrom;
    expect(first).toBeInstanceOf(Date);
    expect((await slice()).state).toBe('more');
    expect((await jobs.findOne({ _id }))?.sinceProgress.quotaFrom).toEqual(first);

    const longAgo = ago(BOUNDS.quotaMs + 60_000);
    await jobs.updateOne({ _id }, { $set: { 'sinceProgress.quotaFrom': longAgo } });
    await slice();
    await advance(context, _id, Date.now() + 5_000);
    expect(await jobs.findOne({ _id })).toMatchObject({
      outcome: 'failed',
      errorCode: 'LAKE_QUOTA',
      errorDetails: [{ message: expect.stringContaining(longAgo.toISOString()) }],
    });
  });

  it('also while a query is waited for', async () => {
    const { _id } = await begun();
    lake.fault({ kind: '429', on: 'status', rate: 1 });
    const quotaFrom = async () => (await jobs.findOne({ _id }))?.sinceProgress?.quotaFrom;
    while (!(await quotaFrom())) await advance(context, _id, Date.now() + 700);
    expect(await quotaFrom()).toBeInstanceOf(Date);
    lake.clearFaults();
    const { job } = await advance(context, _id, Date.now() + 20_000);
    expect(job).toMatchObject({ outcome: 'complete' });
    expect(job).not.toHaveProperty('sinceProgress');
  });
});
