import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { ensureAllIndexes } from '../../src/store/indexes.js';
import { runAdopt } from '../../tools/adopt/command.js';
import { startBackend } from '../support/backend.js';
import { LAST_SYNC, makeEarlierDatabase } from './earlier-database.js';

const { lake, app, call, sync, expectEqual, config, db, uri } = await startBackend({ rows: 60 });
const { endedJob, openJob } = await makeEarlierDatabase(uri);

async function adopt(...args: string[]) {
  const lines: string[] = [];
  const add = (text: string) => lines.push(text);
  const status = await runAdopt(args, { MONGODB_URI: uri }, { line: add, problem: add });
  return { status, lines, text: lines.join('\n') };
}

/** Everything that the database holds, indexes included. */
async function contents(): Promise<Record<string, unknown>> {
  const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
  const entries = names.map(async (name) => {
    const collection = db.collection(name);
    return [name, await collection.find().toArray(), await collection.indexes()];
  });
  return Object.fromEntries((await Promise.all(entries)).map(([name, ...rest]) => [name, rest]));
}

const count = (name: string) => db.collection(name).countDocuments();

describe('a database of an earlier version', () => {
  it('is left as it is by a dry run, which says what would be done', async () => {
    const before = await contents();
    const { status, text } = await adopt('--dry-run');
    expect(status, text).toBe(0);
    expect(text).toContain('taskdetails → taskdetails_before: 12 ');
    expect(text).toContain('syncruntotals: the runs of 2 tables are added up');
    expect(text).toContain('Nothing was changed');
    expect(await contents()).toEqual(before);
  });

  it('is adopted, and every step is reported as the dry run announced it', async () => {
    const planned = (await adopt('--dry-run')).lines.filter((line) => line.startsWith('would do'));
    const { status, lines, text } = await adopt();
    expect(status, text).toBe(0);
    const done = lines.filter((line) => line.startsWith('✓'));
    expect(done.map((line) => line.slice(2))).toEqual(planned.map((line) => line.slice(10)));
    expect(text).toContain('configuration of pickdetail: no such table');
  });

  it('has nothing more to adopt then', async () => {
    const before = await contents();
    const { status, text } = await adopt();
    expect(status, text).toBe(0);
    expect(text).toContain('Nothing to do');
    expect(await contents()).toEqual(before);
  });

  it('keeps its rows aside', async () => {
    expect(await count('taskdetails_before')).toBe(12);
    expect(await count('receipts_before')).toBe(12);
    expect(await count('taskdetails')).toBe(0);
  });

  it('keeps the settings of its configurations as far as they are valid', async () => {
    expect(await config('taskdetail')).toMatchObject({
      tableName: 'Tasks',
      description: 'ours',
      enabled: true,
      syncFrequency: 15,
      batchSize: 500,
      maxRecords: 0,
      options: { whseid: 'wmwhse1' },
      initialSync: true,
      lookbackMinutes: 30,
      maxWorkers: 1,
      failureCount: 0,
      scopeHash: expect.any(String),
      lastSyncDate: LAST_SYNC,
      lastSyncStatus: 'completed',
      lastSyncJobId: String(endedJob),
    });
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
    expect(await config('receipt')).toMatchObject({
      enabled: false,
      batchSize: 3_000,
      syncFrequency: 120,
    });
    expect(await config('pickdetail')).not.toHaveProperty('scopeHash');
  });

  it('has one configuration a table, and the others aside', async () => {
    expect(await db.collection('syncconfigs').countDocuments({ tableId: 'taskdetail' })).toBe(1);
    const aside = await db
      .collection('syncconfigs_before')
      .find({ tableId: 'taskdetail' })
      .toArray();
    expect(aside.map(({ tableName }) => tableName).sort()).toEqual(['Tasks', 'old twin']);
  });

  it('shows its history, and an unfinished run as failed', async () => {
    const { status, body } = await call('sync-history');
    expect(status).toBe(200);
    expect(body.history).toMatchObject([
      {
        tableId: 'receipt',
        status: 'failed',
        syncJobId: String(openJob),
        error: expect.stringContaining('was in_progress in an earlier version'),
      },
      {
        tableId: 'taskdetail',
        status: 'completed',
        recordsProcessed: 12,
        recordsUnchanged: 0,
        duration: 5,
      },
    ]);
    expect((await call('sync-stats', { query: { tableId: 'taskdetail' } })).body).toMatchObject({
      syncHistory: { total: 1, successful: 1, failed: 0 },
      records: { processed: 12 },
      performance: { avgDuration: 5 },
    });
    expect((await call('sync-stats', { query: { tableId: 'receipt' } })).body).toMatchObject({
      syncHistory: { total: 1, successful: 0, failed: 1 },
    });
  });

  it('shows its jobs', async () => {
    const ended = await call('sync-status', { query: { jobId: String(endedJob) } });
    expect(ended.body).toMatchObject({
      job: {
        status: 'completed',
        tableId: 'taskdetail',
        stats: { insertedRecords: 12, duration: 5, durationMs: 5_000 },
      },
      history: { recordsInserted: 12 },
    });
    const failed = await call('sync-status', { query: { jobId: String(openJob) } });
    expect(failed.body).toMatchObject({
      job: { status: 'failed', tableId: 'receipt', errorCode: 'SYNC_SUPERSEDED' },
      history: { status: 'failed' },
    });
  });

  it('goes on: the missing configurations are created and a first sync is a full one', async () => {
    const { status, body } = await call('init-sync-config', { body: {} });
    expect({ status, body }).toMatchObject({ status: 200, body: { existingCount: 3 } });
    await call('sync-config', { method: 'PUT', body: { tableId: 'taskdetail', options: {} } });
    expect(await sync('taskdetail')).toMatchObject({ mode: 'full', outcome: 'complete' });
    await expectEqual('taskdetail');
    await sync('receipt', { force: true });
    await expectEqual('receipt');
    lake.advance(60_000);
    expect(await sync('taskdetail')).toMatchObject({ mode: 'incremental' });
  });

  it('has no index that keeps the present ones from being made', async () => {
    const tableIds = ['taskdetail', 'receipt', 'receiptdetail', 'orders', 'orderdetail'];
    const models = await app().models();
    const made = await ensureAllIndexes(models, tableIds, { clock: systemClock });
    expect(made).toContain('synchistories.history_expires');
  });

  it('keeps its own settings beside the present ones', async () => {
    const put = await call('sync-settings', {
      method: 'PUT',
      body: { key: 'freshnessLimitMinutes', value: 60 },
    });
    expect(put.status).toBe(200);
    expect(await db.collection('settings').findOne({ key: 'theme' })).toMatchObject({
      value: { dark: true },
    });
  });
});

describe('records of an earlier deploy of this backend, or adopted by one', () => {
  const error = {
    code: 'LAKE_REFUSED',
    message: 'The lake refused.',
    details: [{ message: 'why' }],
  };
  const text = { error: error.message, errorCode: error.code, errorDetails: error.details };
  const startTime = new Date('2025-06-01T10:00:00Z');
  const endTime = new Date('2025-06-01T10:01:35.250Z');
  const run = { tableId: 'orders', tableName: 'Orders', status: 'failed' };
  const entry = { ...run, startTime, endTime, syncJobId: 'x', recordsUnchanged: 0, options: {} };
  const job = {
    ...{ ...run, jobType: 'sync', phase: 'ended', segments: [], heartbeat: endTime },
    ...{ limit: { rows: 0, keepRest: false }, createdAt: startTime, updatedAt: endTime },
  };
  const id = () => new mongo.ObjectId();
  const ids = [id(), id(), id(), id(), id()] as const;
  const find = (name: string, index: number) =>
    db.collection(name).findOne({ _id: { $in: ids.slice(index, index + 1) } });

  it('get their errors as texts and their durations in milliseconds, once', async () => {
    await db.collection('synchistories').insertMany([
      { _id: ids[0], ...entry, duration: 95_250, error },
      { _id: ids[1], ...entry, duration: 95.25, __v: 0, error: 'a text' },
    ]);
    await db.collection('syncjobs').insertMany([
      { _id: ids[2], ...job, stats: { startTime, endTime, duration: 95_250 }, error },
      { _id: ids[3], ...job, stats: { startTime, endTime, duration: 95.25 }, __v: 0 },
      { _id: ids[4], ...job, stats: { startTime, endTime, duration: 95_250 }, __v: 0 },
    ]);
    const { status, text: said } = await adopt();
    expect(status, said).toBe(0);
    expect(said).toContain('synchistories: 2 in the history get their error as a text');

    const ours = await find('synchistories', 0);
    expect(ours).toMatchObject({ ...text, durationMs: 95_250 });
    expect(ours).not.toHaveProperty('duration');
    const marked = { duration: 95.25, durationUnit: 's', durationMs: 95_250 };
    expect(await find('synchistories', 1)).toMatchObject({ error: 'a text', ...marked });
    expect(await find('syncjobs', 2)).toMatchObject({ ...text, stats: { durationMs: 95_250 } });
    expect(await find('syncjobs', 3)).toMatchObject({ stats: marked });
    expect(await find('syncjobs', 4)).toMatchObject({ stats: { durationMs: 95_250 } });

    const before = await contents();
    expect((await adopt()).text).toContain('Nothing to do');
    expect(await contents()).toEqual(before);
  });

  it('get times that were texts as dates, and errors without stacks, once', async () => {
    const texts = { startTime: '2025-06-01T10:00:00Z', endTime: '2025-06-01T10:01:35.250Z' };
    const of = { tableId: 'orders', tableName: 'Orders', syncJobId: 'x' };
    const thrown = { message: 'boom', stack: 'Error: boom\n    at run (/var/task/a.js:1:1)' };
    const [earlier, adopted, untold, jobId] = [id(), id(), id(), id()];
    await db.collection('synchistories').insertMany([
      { _id: earlier, ...of, ...texts, status: 'completed', recordsProcessed: '7', __v: 0 },
      { _id: adopted, ...entry, ...texts, __v: 0, durationMs: 1, error: thrown },
      {
        _id: untold,
        tableId: 'orders',
        startTime: 'long ago',
        endTime: 'soon',
        status: 'failed',
        __v: 0,
      },
    ]);
    await db.collection('syncjobs').insertOne({
      _id: jobId,
      ...job,
      stats: { startTime, endTime, durationMs: 1, error: thrown },
    });
    expect((await adopt()).status).toBe(0);
    const found = (_id: mongo.ObjectId) => db.collection('synchistories').findOne({ _id });
    const counted = { recordsProcessed: 7, recordsInserted: 0, durationMs: 95_250 };
    expect(await found(earlier)).toMatchObject({ startTime, endTime, ...counted });
    const second = await found(adopted);
    expect(second).toMatchObject({ startTime, endTime, error: 'boom', durationMs: 1 });
    expect(second).not.toHaveProperty('errorDetails');
    const third = await found(untold);
    expect(third?.startTime).toBeInstanceOf(Date);
    expect(third).not.toHaveProperty('endTime');
    expect(third).toMatchObject({ tableName: 'orders', syncJobId: String(untold) });
    const stored = await db.collection('syncjobs').findOne({ _id: jobId });
    expect(stored).toMatchObject({ stats: { error: 'boom' } });
    expect((await adopt()).text).toContain('Nothing to do');
  });

  it('are answered in seconds', async () => {
    for (const index of [0, 1]) {
      const { body } = await call('sync-status', { query: { historyId: String(ids[index]) } });
      expect(body.history).toMatchObject({ duration: 95.25, durationMs: 95_250 });
      expect(body.history).not.toHaveProperty('durationUnit');
    }
    for (const index of [2, 3, 4]) {
      const { body } = await call('sync-status', { query: { jobId: String(ids[index]) } });
      expect(body.job.stats).toMatchObject({ duration: 95.25, durationMs: 95_250 });
    }
  });
});

describe('a configuration whose starts were refused', () => {
  it('says so until the first start after its adoption', async () => {
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'orders' }, { $unset: { scopeHash: '' } });
    expect((await call('sync-table', { body: { tableId: 'orders' } })).body.code).toBe(
      'EARLIER_DATA',
    );
    expect((await adopt()).status).toBe(0);
    expect(await config('orders')).toMatchObject({ refusals: { EARLIER_DATA: { count: 1 } } });
    await sync('orders');
    expect(await config('orders')).toMatchObject({ refusals: {} });
    await db.collection('orders').drop();
  });
});

describe('rows of both versions side by side', () => {
  it('are parted: only the earlier ones are moved, also where that was begun before', async () => {
    const present = await count('taskdetails');
    const late = Array.from({ length: 1_200 }, (_, i) => ({
      _id: new mongo.ObjectId(),
      WHSEID: 'wmwhse1',
      TASKDETAILKEY: `late${i}`,
    }));
    await db.collection('taskdetails').insertMany(late);
    // A move that broke off had copied some and not removed them yet.
    await db.collection('taskdetails_before').insertMany(late.slice(0, 10));
    const { status, text } = await adopt();
    expect(status, text).toBe(0);
    expect(text).toContain('1,200 rows of the earlier version; the others stay');
    expect(await count('taskdetails')).toBe(present);
    expect(await count('taskdetails_before')).toBe(12 + 1_200);
    await expectEqual('taskdetail');
  });
});

describe('what stands in the way', () => {
  it('is named before anything changes: a collection that rows have to go to', async () => {
    await db.collection('orders').insertOne({ WHSEID: 'wmwhse1', ORDERKEY: '1' });
    await db.collection('orders_before').insertOne({ kept: true });
    await db.collection('orderdetails').insertOne({ WHSEID: 'wmwhse1', ORDERKEY: '1' });
    const { status, text } = await adopt();
    expect(status).toBe(1);
    expect(text).toContain('✗ MONGODB_FAILED');
    expect(text).toContain('orders_before exists already');
    expect(await count('orderdetails')).toBe(1);
    expect(await db.collection('orders_before').findOne({})).toMatchObject({ kept: true });
  });

  it.each([
    [{}, 'MONGODB_URI_MISSING'],
    [{ MONGODB_URI: 'mongodb://127.0.0.1:1/x' }, 'MONGODB_UNREACHABLE'],
  ])('is said with a code and what to do: %o', async (env, code) => {
    const problems: string[] = [];
    const problem = (text: string) => problems.push(text);
    expect(await runAdopt([], env, { line: () => {}, problem })).toBe(1);
    expect(problems.join('\n')).toMatch(new RegExp(`^✗ ${code}: .*\n→ .*MONGODB_URI`));
  });

  it('is an unknown option', async () => {
    const { status, text } = await adopt('--dry');
    expect({ status, text }).toMatchObject({ status: 1, text: expect.stringContaining('--dry') });
  });
});
