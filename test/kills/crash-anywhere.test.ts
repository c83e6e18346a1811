import { describe, expect, it } from 'vitest';
import type { SyncJob } from '../../src/models/sync-job.js';
import { createStore } from '../../src/store/store.js';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';
import { dyingAfter } from '../support/dying-models.js';
import { IS_LONG, strideOf } from '../support/tier.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const LEASE_MS = 100;
const { lake, call, expectEqual, config, db, app } = await startBackend(
  { rows: 60 },
  {},
  { leaseMs: LEASE_MS, sizes: { segment: 50, query: 1_000_000 }, quotaMinuteMs: 1_000 },
);
await call('init-sync-config', { body: {} });
const context = await app().sync();
const jobs = db.collection<SyncJob>('syncjobs');

/** Asserts that the statistics have each entry of the history once, and what it read. */
async function expectCounted(about: string) {
  const entries = await db.collection('synchistories').find({ tableId: 'taskdetail' }).toArray();
  const { body } = await call('sync-stats', { query: { tableId: 'taskdetail' } });
  expect(body, about).toMatchObject({
    syncHistory: {
      total: entries.length,
      successful: entries.filter(({ status }) => status === 'completed').length,
    },
    records: { processed: entries.reduce((sum, entry) => sum + entry.recordsProcessed, 0) },
  });
}

/** A run whose process dies after so many calls. @returns its job, and whether the process died */
async function runUntilDeath(calls: number) {
  const { models, died } = dyingAfter(await app().models(), calls);
  const budget = { clock: context.clock, deadline: Number.POSITIVE_INFINITY };
  const doomed = { ...context, store: createStore(models, budget) };
  const before = new Set((await jobs.find().toArray()).map(({ _id }) => String(_id)));
  try {
    const { _id } = await startJob(doomed, { tableId: 'taskdetail', mode: 'full' }, 'api');
    await advance(doomed, _id, Date.now() + 20_000);
  } catch (error) {
    expect(died(), String(error)).toBe(true);
  }
  const job = (await jobs.find().toArray()).find(({ _id }) => !before.has(String(_id)));
  return { job, died: died() };
}

describe('a process that dies between any two calls of MongoDB', () => {
  it('leaves a run that others end as if nothing had been', { timeout: 240_000 }, async () => {
    const phases = new Set<string>();
    let calls = IS_LONG ? 1 : 2;
    for (let died = true; died; calls += strideOf(3)) {
      lake.advance(2 * 3_600_000);
      await lake.edit(TASKS, `SERIALKEY % 7 = ${calls % 7}`, { STATUS: `${calls % 10}` });
      await lake.delete(TASKS, `SERIALKEY % 60 = ${calls % 60}`);
      const run = await runUntilDeath(calls);
      died = run.died;
      phases.add(run.job?.active ? run.job.phase : 'none');

      // A run that was never claimed leaves the table free; one that was is taken up.
      const _id = run.job?.active
        ? run.job._id
        : (run.job?.status === 'completed'
            ? run.job
            : await startJob(context, { tableId: 'taskdetail', mode: 'full' }, 'api')
          )._id;
      await expect
        .poll(async () => (await advance(context, _id, Date.now() + 20_000)).state, {
          interval: 50,
        })
        .toBe('done');

      const ended = await jobs.findOne({ _id });
      expect(ended, `after ${calls} calls`).toMatchObject({
        status: 'completed',
        outcome: 'complete',
        stats: { processedRecords: ended?.totalRecords },
      });
      const { watermark, lastSyncJobId } = await config('taskdetail');
      expect(watermark).toEqual(ended?.range.ceiling);
      expect(lastSyncJobId).toBe(String(_id));
      await expectCounted(`after ${calls} calls`);
      const entries = db.collection('synchistories').find({ syncJobId: String(_id) });
      expect(await entries.toArray()).toMatchObject([
        { status: 'completed', recordsProcessed: ended?.stats.processedRecords },
      ]);
      expect(await jobs.countDocuments({ active: true })).toBe(0);
      await expectEqual('taskdetail');
    }
    // Only the long tests leave no moment out, and so are sure to meet phases of a call or two.
    const all = ['counting', 'finishing', 'learning', 'none', 'proving', 'querying', 'reading'];
    if (IS_LONG) expect([...phases].sort()).toEqual(all);
    else expect(phases.size).toBeGreaterThan(4);
    expect(calls).toBeGreaterThan(20);
  });
});
