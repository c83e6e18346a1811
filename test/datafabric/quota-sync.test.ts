import { afterEach, describe, expect, it, vi } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

// Most of the time goes by in waiting.
vi.setConfig({ testTimeout: 60_000 });

const OBJECT = 'CSWMS_wmwhse_TASKDETAIL';
/** Its quotas' minute is a second long. */
const backend = await startBackend({ rows: 400 }, {}, { quotaMinuteMs: 1_000 });
const { lake, app, call, sync, config, db, expectEqual } = backend;
await call('init-sync-config', { body: {} });
const context = await app().sync();
const jobs = db.collection('syncjobs');
const refused = () => lake.requests.filter(({ status }) => status === 429).length;
afterEach(() => {
  lake.clearFaults();
  lake.clearRequests();
});

describe('a run that meets the quota', () => {
  it('at every fourth call takes its time, and is complete', async () => {
    lake.fault({ kind: '429', on: 'any', rate: 0.25, seed: 7 });
    const { outcome, stats, warnings } = await sync('taskdetail', { batchSize: 80, wait: 45 });
    const rows = (await lake.rows(OBJECT)).length;
    expect(refused()).toBeGreaterThan(1);
    expect({ outcome, warnings }).toEqual({ outcome: 'complete', warnings: [] });
    expect(stats).toMatchObject({ totalRecords: rows, insertedRecords: rows, replayedRecords: 0 });
    await expectEqual('taskdetail');
    expect(await config('taskdetail')).toMatchObject({ failureCount: 0 });
  });

  it('for as long as many slices goes on when it is over, with few calls in between', async () => {
    lake.fault({ kind: '429', on: 'any', rate: 1 });
    const request = { tableId: 'taskdetail', mode: 'full', batchSize: 40 } as const;
    const { _id } = await startJob(context, request, 'api');
    const over = Date.now() + 6_000;
    let slices = 0;
    for (; Date.now() < over; slices++) {
      const { state, job } = await advance(context, _id, Date.now() + 250);
      expect(state).toBe('more');
      expect(job).toMatchObject({ active: true, status: 'in_progress', phase: 'learning' });
      expect(job).not.toHaveProperty('error');
      // As long as the next slice takes to begin.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(slices).toBeGreaterThan(10);
    // Four pauses that grow to the minute, then one call a minute.
    expect(refused()).toBeLessThanOrEqual(12);
    lake.clearFaults();
    const { state } = await advance(context, _id, Date.now() + 20_000);
    expect(state).toBe('done');
    expect(await jobs.findOne({ _id })).toMatchObject({ status: 'completed', outcome: 'complete' });
    expect(await config('taskdetail')).toMatchObject({ failureCount: 0 });
    await expectEqual('taskdetail');
  });

  it('in the middle of its pages goes on from the page it had reached', async () => {
    const request = { tableId: 'taskdetail', mode: 'full', batchSize: 40 } as const;
    const { _id } = await startJob(context, request, 'api');
    lake.fault({ kind: '429', on: 'result', nth: 5, times: 4 });
    const { state } = await advance(context, _id, Date.now() + 20_000);
    expect(state).toBe('done');
    const offsets = lake.requests
      .filter(({ kind, status, rows = 0 }) => kind === 'result' && status === 200 && rows > 1)
      .map(({ query }) => Number(query.offset));
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    expect(refused()).toBe(4);
    expect(await jobs.findOne({ _id })).toMatchObject({
      status: 'completed',
      stats: { replayedRecords: 0 },
    });
  });
});
