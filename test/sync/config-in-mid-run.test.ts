import { beforeEach, describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const { app, lake, call, sync, configure, config, db, expectEqual } = await startBackend({
  rows: 40,
});
const QUERY = { tableId: 'taskdetail' };
const remove = () => call('sync-config', { method: 'DELETE', query: QUERY });

beforeEach(async () => {
  await remove();
  await call('init-sync-config', { body: {} });
  await sync('taskdetail');
  lake.advance(2 * 3_600_000);
  await lake.edit(TASKS, 'SERIALKEY % 2 = 0', { STATUS: String(lake.now().getTime()).slice(-8) });
});

/** Starts a run, changes something, and lets the run go on to its end. */
async function whileRunning(change: () => Promise<unknown>) {
  const context = await app().sync();
  const job = await startJob(context, QUERY, 'api');
  await change();
  const ended = await advance(context, job._id, Date.now() + 20_000);
  expect(ended).toMatchObject({ state: 'done', job: { status: 'completed' } });
  const entry = await db.collection('synchistories').findOne({ _id: job.historyId });
  expect(entry).toMatchObject({
    status: 'completed',
    recordsProcessed: ended.job.stats.processedRecords,
  });
  return ended.job;
}

describe('a configuration that is changed while its table is synced:', () => {
  it('removed, it stays away, and the run ends as it should', async () => {
    await whileRunning(remove);
    expect(await config('taskdetail')).toEqual({});
    await expectEqual('taskdetail');
  });

  it('removed and created anew, it gets no watermark of a run that read a part', async () => {
    const job = await whileRunning(async () => {
      await remove();
      await call('sync-config', { body: QUERY });
    });
    expect(job.mode).toBe('incremental');
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
    expect((await sync('taskdetail')).mode).toBe('full');
    await expectEqual('taskdetail');
  });

  it('disabled, the run goes on to its end, and the next one is refused', async () => {
    await whileRunning(() => configure('taskdetail', { enabled: false }));
    expect(await config('taskdetail')).toMatchObject({ enabled: false, watermark: lake.now() });
    expect((await call('sync-table', { body: QUERY })).status).toBe(403);
  });

  it('limited, the run reads what it set out to read', async () => {
    const job = await whileRunning(() => configure('taskdetail', { maxRecords: 1 }));
    expect(job.outcome).toBe('complete');
    await expectEqual('taskdetail');
  });

  it('told to read everything, the next run does', async () => {
    await whileRunning(() => configure('taskdetail', { initialSync: true }));
    expect((await sync('taskdetail')).mode).toBe('full');
  });

  it('reset to its defaults, it keeps what the run has read', async () => {
    await whileRunning(() => call('init-sync-config', { body: { force: true } }));
    expect(await config('taskdetail')).toMatchObject({ watermark: lake.now() });
    await expectEqual('taskdetail');
  });

  it('its warehouses changed back and forth, the watermark is gone and stays gone', async () => {
    await whileRunning(async () => {
      await configure('taskdetail', { options: { whseid: ['wmwhse1'] } });
      await configure('taskdetail', { options: {} });
    });
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
    expect((await sync('taskdetail')).mode).toBe('full');
    await expectEqual('taskdetail');
  });

  it('given other warehouses during its first run, it gets no watermark of those before', async () => {
    await remove();
    await call('init-sync-config', { body: {} });
    await configure('taskdetail', { options: { whseid: ['wmwhse1'] } });
    const context = await app().sync();
    const job = await startJob(context, QUERY, 'api');
    await configure('taskdetail', { options: {} });
    expect(await advance(context, job._id, Date.now() + 20_000)).toMatchObject({
      state: 'done',
      job: { status: 'failed', errorCode: 'RUN_OUTDATED', stats: { processedRecords: 0 } },
    });
    expect(await config('taskdetail')).toMatchObject({ failureCount: 0 });
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
    expect((await sync('taskdetail')).mode).toBe('full');
    await expectEqual('taskdetail');
  });
});
