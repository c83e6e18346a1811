import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { syncRunDue } from '../../src/api/sync-run-due.js';
import { syncTable } from '../../src/api/sync-table.js';
import { type App, createApp } from '../../src/app.js';
import type { Endpoint } from '../../src/http/endpoint.js';
import { serve } from '../../src/http/serve.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import { runDue } from '../../src/sync/schedule.js';
import { type Body, startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';
import { noWorker } from '../support/orders.js';

/** Two tenants' sites over one database. */

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const OPTIONS = { quotaMinuteMs: 1, leaseMs: 100, emptyPagePauseMs: 5 };
const { lake, call, sync, config, db, app, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  OPTIONS,
);
const others = await startLake({ rows: 0, tenant: 'OTHER_TST' });
const site = createApp({ ...process.env, ...ionVariables(others) }, OPTIONS);
afterAll(async () => {
  await site.close();
  await others.close();
});

const tasks = (count: number, whseid: string) =>
  Array.from({ length: count }, (_, i) => ({
    SERIALKEY: i + 1,
    WHSEID: whseid,
    TASKDETAILKEY: `K${i + 1}`,
  }));
await lake.insert(TASKS, tasks(30, 'ours'));
await others.insert(TASKS, tasks(30, 'theirs'));

const jobs = db.collection<SyncJob>('syncjobs');
const foreignRows = () => db.collection('taskdetails').countDocuments({ WHSEID: 'theirs' });
const soon = () => Date.now() + 20_000;

async function callOn(on: App, endpoint: Endpoint<App>, body: object) {
  const handle = serve(endpoint, () => on);
  const response = await handle(
    new Request(`http://localhost/.netlify/functions/${endpoint.name}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${process.env.API_TOKEN}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    }),
  );
  return { status: response.status, body: (await response.json()) as Body };
}

/** A run of ours of which a page has been written, and that nobody works on. */
const leftRun = () =>
  leaveInTheMiddle(app(), lake, { tableId: 'taskdetail', mode: 'full', batchSize: 5 });

beforeEach(async () => {
  for (const name of ['syncconfigs', 'taskdetails', 'syncjobs', 'alerts']) {
    await db.collection(name).deleteMany({});
  }
  await call('init-sync-config', { body: {} });
});

describe('a run that was started for one tenant', () => {
  it('is ended by the site of another one that takes it up, and no row of that one is written', async () => {
    const left = await leftRun();
    await jobs.updateOne({ _id: left._id }, { $set: { idle: true } });
    const { state, job } = await advance(await site.sync(), left._id, soon());
    expect({ state, job }).toMatchObject({
      state: 'done',
      job: { status: 'failed', outcome: 'failed', errorCode: 'SOURCE_CHANGED' },
    });
    expect(await foreignRows()).toBe(0);
    const stored = await config('taskdetail');
    expect(stored).toMatchObject({ failureCount: 0 });
    expect(stored).not.toHaveProperty('watermark');
    expect(stored).not.toHaveProperty('pausedReason');
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('is not mixed with a run of another one after it, although it never completed', async () => {
    const left = await leftRun();
    await advance(await site.sync(), left._id, soon());
    const { status, body } = await callOn(site, syncTable as Endpoint<App>, {
      tableId: 'taskdetail',
    });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'SOURCE_CHANGED' });
    expect(await foreignRows()).toBe(0);
  });

  it('is not mixed with one of another tenant through a configuration that is made again', async () => {
    await sync('taskdetail');
    await call('sync-config', { method: 'DELETE', query: { tableId: 'taskdetail' } });
    await call('sync-config', { body: { tableId: 'taskdetail' } });
    const { status, body } = await callOn(site, syncTable as Endpoint<App>, {
      tableId: 'taskdetail',
    });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'SOURCE_CHANGED' });
    expect(await foreignRows()).toBe(0);
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });
});

describe("another tenant's schedule", () => {
  it('says that the table is not its own, and leaves it on the schedule of its site', async () => {
    await sync('taskdetail');
    await db
      .collection('syncconfigs')
      .updateMany({ tableId: { $ne: 'taskdetail' } }, { $set: { enabled: false } });
    const due = { nextRunAt: new Date(0) };
    await db.collection('syncconfigs').updateOne({ tableId: 'taskdetail' }, { $set: due });
    for (let pass = 1; pass <= 12; pass++) {
      const { body } = await callOn(site, syncRunDue as Endpoint<App>, {});
      expect(body).toMatchObject({ syncedTables: [], errors: [{ code: 'SOURCE_CHANGED' }] });
    }
    expect(await config('taskdetail')).toMatchObject({ failureCount: 0, ...due });
    expect(await config('taskdetail')).not.toHaveProperty('pausedReason');
    const { syncedTables } = await runDue(await app().sync(), noWorker, soon());
    expect(syncedTables).toMatchObject([{ tableId: 'taskdetail', how: 'started' }]);
    await expectEqual('taskdetail');
  });

  it('leaves it there too where its configuration was made again', async () => {
    await sync('taskdetail');
    await db.collection('syncconfigs').deleteMany({});
    await call('sync-config', { body: { tableId: 'taskdetail' } });
    const { body } = await callOn(site, syncRunDue as Endpoint<App>, {});
    expect(body).toMatchObject({ syncedTables: [], errors: [{ code: 'SOURCE_CHANGED' }] });
    expect(await config('taskdetail')).not.toHaveProperty('nextRunAt');
    const { syncedTables } = await runDue(await app().sync(), noWorker, soon());
    expect(syncedTables).toMatchObject([{ tableId: 'taskdetail', how: 'started' }]);
    await expectEqual('taskdetail');
  });
});

describe('the other facts that a run was frozen with', () => {
  it('end it where the table definition has changed since', async () => {
    const left = await leftRun();
    const rows = await db.collection('taskdetails').countDocuments();
    await jobs.updateOne({ _id: left._id }, { $set: { 'hashes.shape': 'of an earlier deploy' } });
    const { job } = await advance(await app().sync(), left._id, soon());
    expect(job).toMatchObject({ status: 'failed', errorCode: 'RUN_OUTDATED' });
    expect(await db.collection('taskdetails').countDocuments()).toBe(rows);
    expect(await config('taskdetail')).toMatchObject({ failureCount: 0 });
  });

  it('end it where the configured warehouses have changed, and a request goes on with a new one', async () => {
    const left = await leftRun();
    const options = { whseid: ['ours'] };
    await call('sync-config', { method: 'PUT', body: { tableId: 'taskdetail', options } });
    const { jobId, mode } = await sync('taskdetail');
    expect(jobId).not.toBe(String(left._id));
    expect(mode).toBe('full');
    expect(await jobs.findOne({ _id: left._id })).toMatchObject({
      errorCode: 'RUN_OUTDATED',
    });
    await expectEqual('taskdetail');
  });

  it('end it also where a request takes it up that does not wait', async () => {
    const left = await leftRun();
    const { options } = await config('taskdetail');
    const other = { ...(options as object), whseid: ['ours', 'theirs'] };
    await call('sync-config', { method: 'PUT', body: { tableId: 'taskdetail', options: other } });
    const { body } = await call('sync-table', { body: { tableId: 'taskdetail', wait: 0 } });
    expect(body.jobId).not.toBe(String(left._id));
    expect(await jobs.findOne({ _id: left._id })).toMatchObject({
      status: 'failed',
      phase: 'ended',
      errorCode: 'RUN_OUTDATED',
    });
    await expectEqual('taskdetail');
  });

  it('end it where the table is no longer known', async () => {
    const left = await leftRun();
    await jobs.updateOne({ _id: left._id }, { $set: { tableId: 'gone' } });
    const { job } = await advance(await app().sync(), left._id, soon());
    expect(job).toMatchObject({ status: 'failed', errorCode: 'UNKNOWN_TABLE' });
  });
});
