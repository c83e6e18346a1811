import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startBackend } from '../support/backend.js';

/**
 * The answers that a frontend of the earlier version reads: each field with its name, its type and
 * its unit. What else an answer has is free.
 */
const { lake, call, db } = await startBackend(
  { rows: 40 },
  {},
  { emptyPagePauseMs: 5, quotaMinuteMs: 1 },
);

const TABLES = ['orderdetail', 'orders', 'receipt', 'receiptdetail', 'taskdetail'];
const id = z.string().regex(/^[0-9a-f]{24}$/);
const time = z.iso.datetime({ precision: 3 });
const count = z.int().min(0);
/** Not more than this suite can take: milliseconds would be far above. */
const seconds = z.number().min(0).max(30);
const status = z.enum(['pending', 'in_progress', 'completed', 'failed']);
const text = z.string().min(1);
const object = z.looseObject({});

const ANY_ERROR = z.looseObject({
  error: text,
  message: text,
  details: z.array(object),
  timestamp: time,
});

const STATS = z.looseObject({
  totalRecords: count,
  processedRecords: count,
  insertedRecords: count,
  updatedRecords: count,
  errorRecords: count,
  startTime: time,
  endTime: time,
  duration: seconds,
  status,
  error: text.optional(),
});

const JOB = z.looseObject({
  _id: id,
  jobType: text,
  status,
  options: object,
  stats: STATS,
  error: text.optional(),
  errorCode: text.optional(),
  errorDetails: z.array(object).optional(),
  createdAt: time,
  updatedAt: time,
});

const HISTORY_ENTRY = z.looseObject({
  _id: id,
  tableId: z.enum(TABLES),
  tableName: text,
  syncJobId: id,
  status,
  startTime: time,
  endTime: time,
  duration: seconds,
  recordsProcessed: count,
  recordsInserted: count,
  recordsUpdated: count,
  recordsError: count,
  error: text.optional(),
  errorCode: text.optional(),
  errorDetails: z.array(object).optional(),
  options: object,
  createdAt: time,
  updatedAt: time,
});

const SYNC_HISTORY = z.looseObject({
  history: z.array(HISTORY_ENTRY),
  pagination: z.looseObject({ total: count, page: count, limit: count, pages: count }),
});

const RUN_COUNTS = z.looseObject({ total: count, successful: count, failed: count });
const RECORDS = z.looseObject({
  totalProcessed: count,
  totalInserted: count,
  totalUpdated: count,
  totalErrors: count,
});

const TABLE_STATS = z.looseObject({
  tableId: z.enum(TABLES),
  tableName: text,
  enabled: z.boolean(),
  syncFrequency: count,
  lastSync: z
    .looseObject({ date: time, status, recordsProcessed: count, duration: seconds })
    .nullable(),
  syncHistory: RUN_COUNTS,
  records: RECORDS,
  performance: z.looseObject({
    avgDuration: seconds,
    minDuration: seconds,
    maxDuration: seconds,
  }),
});

const ALL_STATS = z.looseObject({
  tables: z.array(TABLE_STATS).length(5),
  summary: z.looseObject({
    totalTables: count,
    enabledTables: count,
    syncHistory: RUN_COUNTS,
    records: RECORDS,
  }),
});

const SYNC_TABLE = z.looseObject({ message: text, jobId: id, historyId: id, stats: STATS });

/** A run that a pass has begun need not have ended with it. */
const BEGUN_STATS = z.looseObject({
  ...STATS.shape,
  endTime: time.optional(),
  duration: seconds.optional(),
});
const SCHEDULED_SYNC = z.looseObject({
  message: text,
  timestamp: time,
  syncedTables: z.array(
    z.looseObject({ tableId: text, tableName: text, jobId: id, historyId: id, stats: BEGUN_STATS }),
  ),
  errors: z.array(
    z.looseObject({
      tableId: text,
      tableName: text,
      error: text,
      jobId: id.optional(),
      historyId: id.optional(),
    }),
  ),
});

const CONFIG = z.looseObject({
  _id: id,
  tableId: z.enum(TABLES),
  tableName: text,
  description: z.string(),
  enabled: z.boolean(),
  syncFrequency: count,
  initialSync: z.boolean(),
  batchSize: count,
  maxRecords: count,
  options: object,
  lastSyncDate: time.nullable(),
  lastSyncStatus: status.nullable(),
  createdAt: time,
  updatedAt: time,
});

type Options = Parameters<typeof call>[1];

/** The answer, if it is one and has what the contract says. */
async function answered<T>(
  contract: z.ZodType<T>,
  name: string,
  options: Options = {},
  expected = 200,
): Promise<T> {
  const { status: got, body } = await call(name, options);
  expect({ status: got, body }).toMatchObject({ status: expected });
  const result = contract.safeParse(body);
  expect(result.error?.issues ?? [], JSON.stringify(body)).toEqual([]);
  return contract.parse(body);
}
const sync = (body: object, query = {}) =>
  answered(SYNC_TABLE, 'sync-table', { method: 'POST', body, query });

async function failedRun(tableId: string) {
  lake.fault({ kind: 'failed', every: 1, word: 'the object is not there' });
  const { body } = await call('sync-table', { body: { tableId } });
  lake.clearFaults();
  return body;
}

beforeEach(async () => {
  const stored = ['syncconfigs', 'syncjobs', 'synchistories', 'syncruntotals'];
  for (const name of [...stored, 'taskdetails', 'orders']) {
    await db.collection(name).deleteMany({});
  }
  await call('init-sync-config', { body: {} });
});

describe('any error', () => {
  it.each<[string, string, Options]>([
    ['a wrong field', 'sync-table', { body: { tableId: 'orders', nope: 1 } }],
    ['an unknown table', 'sync-table', { body: { tableId: 'pallets' } }],
    ['no configuration', 'sync-config', { query: { tableId: 'pallets' } }],
    ['no token', 'sync-stats', { headers: { authorization: '' } }],
    ['no such job', 'sync-status', { query: { jobId: '0'.repeat(24) } }],
    ['no such method', 'sync-stats', { method: 'DELETE' }],
    ['a body that is no JSON', 'sync-table', { body: '{' }],
  ])('has its text as error and as message: %s', async (_what, name, options) => {
    const { status: got, body } = await call(name, options);
    expect(got).toBeGreaterThanOrEqual(400);
    const { error, message } = ANY_ERROR.parse(body);
    expect(message).toBe(error);
  });

  it('of a run has the same text as job, history and statistics', async () => {
    const body = await failedRun('orders');
    const { error, message } = ANY_ERROR.parse(body);
    expect(message).toBe(error);
    const { job, history } = await answered(
      z.looseObject({ job: JOB, history: HISTORY_ENTRY }),
      'sync-status',
      { query: { jobId: body.jobId } },
    );
    const said = { error, errorCode: 'LAKE_QUERY_FAILED', errorDetails: body.details };
    expect(job).toMatchObject({ status: 'failed', ...said, stats: { status: 'failed', error } });
    expect(history).toMatchObject({ status: 'failed', ...said });
    const { lastSync } = await answered(TABLE_STATS, 'sync-stats', {
      query: { tableId: 'orders' },
    });
    expect(lastSync).toMatchObject({ status: 'failed', ...said });
  });
});

describe('a run', () => {
  it('says the same seconds in each answer', async () => {
    lake.configure({ queryMs: 120 });
    const { jobId, historyId, stats } = await sync({ tableId: 'taskdetail' });
    lake.configure({ queryMs: 0 });
    const ms = Date.parse(stats.endTime) - Date.parse(stats.startTime);
    expect(stats.duration).toBe(ms / 1000);
    const { job, history } = await answered(
      z.looseObject({ job: JOB, history: HISTORY_ENTRY }),
      'sync-status',
      { query: { jobId } },
    );
    expect(job).not.toHaveProperty('error');
    expect(history).not.toHaveProperty('error');
    const ofTable = await answered(TABLE_STATS, 'sync-stats', { query: { tableId: 'taskdetail' } });
    const listed = await answered(SYNC_HISTORY, 'sync-history', {});
    expect([job._id, history._id, history.syncJobId]).toEqual([jobId, historyId, jobId]);
    for (const one of [job.stats, history, ofTable.lastSync, listed.history[0]]) {
      expect(one).toMatchObject({ duration: ms / 1000, durationMs: ms });
    }
    expect(ofTable).toMatchObject({
      lastSync: { date: stats.endTime, status: 'completed', recordsProcessed: 40 },
      syncHistory: { total: 1, successful: 1, failed: 0 },
      records: { totalProcessed: 40, totalInserted: 40, totalUpdated: 0, totalErrors: 0 },
      performance: { avgDuration: ms / 1000, minDuration: ms / 1000, maxDuration: ms / 1000 },
    });
    expect(await db.collection('synchistories').findOne({})).toMatchObject({ durationMs: ms });
  });

  it('is filtered and paged in the history, the newest first', async () => {
    for (const tableId of ['taskdetail', 'orders', 'taskdetail']) await sync({ tableId });
    const first = await answered(SYNC_HISTORY, 'sync-history', {
      query: { tableId: 'taskdetail', page: '1', limit: '1' },
    });
    const nextCursor = expect.any(String);
    expect(first.pagination).toEqual({ total: 2, page: 1, limit: 1, pages: 2, nextCursor });
    const second = await answered(SYNC_HISTORY, 'sync-history', {
      query: { tableId: 'taskdetail', page: '2', limit: '1' },
    });
    const times = [first, second].map(({ history }) => Date.parse(history[0]?.startTime ?? ''));
    expect(times[0]).toBeGreaterThan(Number(times[1]));
  });

  it('is counted in the statistics of all tables', async () => {
    await sync({ tableId: 'taskdetail' });
    await failedRun('orders');
    const { tables, summary } = await answered(ALL_STATS, 'sync-stats');
    expect(summary).toMatchObject({
      totalTables: 5,
      enabledTables: 5,
      syncHistory: { total: 2, successful: 1, failed: 1 },
      records: { totalProcessed: 40, totalInserted: 40 },
    });
    const silent = tables.filter(({ lastSync }) => lastSync === null);
    expect(silent.map(({ tableId }) => tableId)).toEqual([
      'orderdetail',
      'receipt',
      'receiptdetail',
    ]);
  });

  it('may be corrected by sending its entry back as it was got', async () => {
    const failed = await failedRun('orders');
    await sync({ tableId: 'taskdetail' });
    const { history } = await answered(SYNC_HISTORY, 'sync-history');
    expect(history).toHaveLength(2);
    for (const entry of history) {
      const sent = { method: 'PUT', query: { id: entry._id }, body: entry };
      const got = await answered(HISTORY_ENTRY, 'update-sync-history', sent);
      expect(got).toEqual({ ...entry, updatedAt: got.updatedAt });
    }
    expect(failed.historyId).toBe(history[1]?._id);
  });
});

/** What no answer may show. */
const HUSH = randomUUID();
const STACK = '\n    at run (/var/task/sync.js:12:5)\n    at /var/task/index.js:1:1';

describe('records of before', () => {
  const startTime = new Date('2025-05-01T10:00:00Z');
  const endTime = new Date(startTime.getTime() + 95_250);
  const common = { tableId: 'orders', tableName: 'Orders', startTime, endTime, options: {} };
  const add = async (values: object) => {
    const _id = new Types.ObjectId();
    await db
      .collection('synchistories')
      .insertOne({ _id, syncJobId: new Types.ObjectId(), ...values });
    const { history } = await call('sync-status', { query: { historyId: String(_id) } }).then(
      ({ body }) => body,
    );
    return history as { duration: number } & Record<string, unknown>;
  };

  it.each<[string, object, object]>([
    ['of the earlier version, in seconds', { duration: 95.25, __v: 0 }, { duration: 95.25 }],
    [
      'of the earlier version, as it was adopted once',
      { duration: 95.25, __v: 0, recordsUnchanged: 0 },
      { duration: 95.25 },
    ],
    [
      'of an earlier deploy, in milliseconds',
      { duration: 95_250, recordsUnchanged: 0 },
      { duration: 95.25 },
    ],
    ['with a text', { error: 'socket hang up', __v: 0 }, { error: 'socket hang up' }],
    [
      'with an object',
      {
        error: { code: 'LAKE_REFUSED', message: 'no', details: [{ message: 'why' }] },
        recordsUnchanged: 0,
      },
      { error: 'no', errorCode: 'LAKE_REFUSED', errorDetails: [{ message: 'why' }] },
    ],
    [
      'with an object of a library',
      { error: { name: 'MongoError', message: 'E11000', index: 3 }, __v: 0 },
      { error: 'E11000', errorDetails: [{ name: 'MongoError', index: 3 }] },
    ],
    ['with an object that says nothing', { error: {}, __v: 0 }, { error: 'Unknown error' }],
    [
      'with a stack beside the message',
      { error: { message: 'boom', stack: `Error: boom${STACK}` }, __v: 0 },
      { error: 'boom' },
    ],
    [
      'with a stack alone',
      { error: { stack: `Error: boom${STACK}` }, __v: 0 },
      { error: 'Error: boom' },
    ],
    [
      'with a stack as its text',
      { error: `Error: boom${STACK}`, __v: 0 },
      { error: 'Error: boom' },
    ],
    [
      'with what a client of HTTP knows of its request',
      {
        error: {
          message: 'Request failed with status code 401',
          config: { url: 'https://a.example', headers: { Authorization: `Bearer ${HUSH}` } },
          request: { auth: { password: HUSH } },
        },
        __v: 0,
      },
      { error: 'Request failed with status code 401' },
    ],
    [
      'with a connection string',
      { error: `cannot reach mongodb://user:${HUSH}@db.example/wms`, __v: 0 },
      { error: 'cannot reach mongodb://[secret]@db.example/wms' },
    ],
  ])('are read as what they are, and may be sent back: %s', async (_what, values, shown) => {
    const entry = await add({ ...common, status: 'failed', recordsProcessed: 3, ...values });
    expect(entry).toMatchObject(shown);
    expect(JSON.stringify(entry)).not.toMatch(new RegExp(`${HUSH}|/var/task`));
    const sent = { method: 'PUT', query: { id: String(entry._id) }, body: entry };
    const { status: got, body } = await call('update-sync-history', sent);
    expect({ status: got, body }).toEqual({
      status: 200,
      body: { ...entry, updatedAt: body.updatedAt },
    });
  });

  it('whose times and counts are texts, or missing, have the types of all others', async () => {
    const texts = { startTime: '2025-05-01T10:00:00Z', endTime: '2025-05-01T10:01:35.250Z' };
    const values = { ...common, ...texts, status: 'completed', recordsProcessed: '12', __v: 0 };
    const { options: _, ...odd } = values;
    const entry = await add({ ...odd, createdAt: startTime, updatedAt: endTime });
    // As long as it was, which is longer than any run of this suite.
    const contract = HISTORY_ENTRY.extend({ duration: z.number() });
    expect(contract.parse(entry)).toMatchObject({
      startTime: startTime.toISOString(),
      duration: 95.25,
      recordsProcessed: 12,
      recordsInserted: 0,
      options: {},
    });
    const { body: stats } = await call('sync-stats', { query: { tableId: 'orders' } });
    expect(stats.lastSync).toMatchObject({ date: endTime.toISOString(), duration: 95.25 });
    const sent = { method: 'PUT', query: { id: String(entry._id) } };
    const { updatedAt: _u, ...same } = entry;
    expect((await call('update-sync-history', { ...sent, body: entry })).body).toMatchObject(same);
    const later = { ...entry, endTime: '2025-05-01T10:00:02Z' };
    const { body } = await call('update-sync-history', { ...sent, body: later });
    expect(body).toMatchObject({ duration: 2, durationMs: 2_000 });
  });

  it('that name neither job nor table name have both', async () => {
    const bare = {
      ...common,
      tableName: undefined,
      syncJobId: undefined,
      status: 'failed',
      __v: 0,
    };
    const entry = await add(bare);
    expect(entry).toMatchObject({ tableName: 'orders', syncJobId: entry._id });
    const { body } = await call('sync-stats', { query: { tableId: 'orders' } });
    expect(body.lastSync).toMatchObject({ jobId: entry._id });
  });

  it('of a job have all counts and options, also where none were stored', async () => {
    const _id = new Types.ObjectId();
    const bare = { _id, jobType: 'orders', status: 'pending', __v: 0 };
    const times = { createdAt: startTime, updatedAt: startTime };
    await db.collection('syncjobs').insertOne({ ...bare, ...times });
    const { body } = await call('sync-status', { query: { jobId: String(_id) } });
    expect(body.job).toMatchObject({
      options: {},
      stats: { totalRecords: 0, processedRecords: 0, errorRecords: 0, status: 'pending' },
    });
  });

  it('count in the statistics by their seconds, those of all versions together', async () => {
    const completed = { ...common, status: 'completed' };
    await add({ ...completed, duration: 2.5, __v: 0 });
    await add({ ...completed, duration: 1_500, recordsUnchanged: 0 });
    await add({ ...completed, durationMs: 500, recordsUnchanged: 0 });
    const { performance, lastSync } = await answered(TABLE_STATS, 'sync-stats', {
      query: { tableId: 'orders' },
    });
    expect(performance).toMatchObject({ avgDuration: 1.5, minDuration: 0.5, maxDuration: 2.5 });
    expect(lastSync?.date).toBe(endTime.toISOString());
  });
});

describe('sync-table', () => {
  it('creates the default configuration where there is none, and runs', async () => {
    await db.collection('syncconfigs').deleteMany({});
    await sync({ tableId: 'taskdetail' });
    const config = await answered(CONFIG, 'sync-config', { query: { tableId: 'taskdetail' } });
    expect(config).toMatchObject({ enabled: true, maxRecords: 0, options: {} });
  });

  it.each([
    { rebuild: true },
    { mode: 'full', startDate: '2026-01-01' },
    { dateColumn: 'ADDDATE' },
  ])('creates none for a request that contradicts itself: %j', async (request) => {
    const tableId = 'receiptdetail';
    await db.collection('syncconfigs').deleteOne({ tableId });
    const { status, body } = await call('sync-table', { body: { tableId, ...request } });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(await db.collection('syncconfigs').countDocuments({ tableId })).toBe(0);
  });

  it.each<[string, object, Record<string, string>]>([
    ['the table in the query', {}, { tableId: 'taskdetail' }],
    ['the table in both', { tableId: 'taskdetail' }, { tableId: 'taskdetail' }],
    [
      'null for what is not filled in',
      {
        tableId: 'taskdetail',
        whseid: null,
        startDate: null,
        endDate: null,
        maxRecords: null,
        force: null,
      },
      {},
    ],
    [
      'empty texts',
      { tableId: 'taskdetail', whseid: '', startDate: '', endDate: '', batchSize: '' },
      {},
    ],
    ['digits', { tableId: 'taskdetail', batchSize: '10', maxRecords: '1000', wait: '20' }, {}],
    ['a name against caches', { tableId: 'taskdetail' }, { _t: '1767225600000' }],
  ])('takes %s', async (_what, body, query) => {
    const { stats } = await sync(body, query);
    expect(stats.processedRecords).toBe(40);
  });

  it('takes its table without a body', async () => {
    const { status: got, body } = await call('sync-table', {
      method: 'POST',
      query: { tableId: 'orders' },
    });
    expect({ status: got, tableId: body.tableId }).toEqual({ status: 200, tableId: 'orders' });
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['no table', {}, {}, 'tableId'],
    ['two tables', { tableId: 'orders' }, { tableId: 'receipt' }, 'tableId'],
    ['an unknown field', { tableId: 'orders', maxRows: 5 }, {}, 'maxRows'],
    ['a number in words', { tableId: 'orders', maxRecords: 'ten' }, {}, 'maxRecords'],
  ])('refuses %s', async (_what, body, query, field) => {
    const reply = await call('sync-table', { method: 'POST', body, query });
    expect({ status: reply.status, field: reply.body.details[0]?.field }).toEqual({
      status: 400,
      field,
    });
  });

  it.each<[string, object, object]>([
    ['all warehouses', {}, {}],
    ['the configured one, named each time', { whseid: 'wmwhse1' }, { whseid: 'wmwhse1' }],
    ['the configured one, as a list', { whseid: ['wmwhse1'] }, { whseid: 'wmwhse1' }],
  ])(
    'goes on with each click where a limit ended the last one: %s',
    async (_what, options, request) => {
      await call('sync-config', { method: 'PUT', body: { tableId: 'taskdetail', options } });
      const read: number[] = [];
      for (let clicks = 0; clicks < 20; clicks++) {
        const { stats } = await sync({ tableId: 'taskdetail', maxRecords: 15, ...request });
        read.push(stats.insertedRecords);
        const last = await db.collection('syncjobs').findOne({}, { sort: { createdAt: -1 } });
        if (last?.outcome !== 'partial') break;
      }
      const wanted = (await lake.rows('CSWMS_wmwhse_TASKDETAIL')).filter(
        ({ WHSEID }) => Object.keys(request).length === 0 || WHSEID === 'wmwhse1',
      );
      expect(read.reduce((a, b) => a + b, 0)).toBe(wanted.length);
      expect(await db.collection('taskdetails').countDocuments()).toBe(wanted.length);
      expect(read[0]).toBe(Math.min(15, wanted.length));
    },
  );
});

describe('scheduled-sync', () => {
  it('lists what it has synced, with counts and seconds, and what it could not', async () => {
    await db.collection('orders').insertOne({ ORDERKEY: 'of the earlier version' });
    const { syncedTables, errors } = await answered(SCHEDULED_SYNC, 'scheduled-sync', { body: {} });
    expect(syncedTables.map(({ tableId }) => tableId).sort()).toEqual(
      TABLES.filter((tableId) => tableId !== 'orders'),
    );
    expect(errors).toMatchObject([
      { tableId: 'orders', tableName: 'Orders', code: 'EARLIER_DATA' },
    ]);
    expect(syncedTables.find(({ tableId }) => tableId === 'taskdetail')).toMatchObject({
      tableName: 'Task Detail',
      stats: { status: 'completed', processedRecords: 40, duration: expect.any(Number) },
    });
  });

  it('has runs that failed within it among its errors, with their ids', async () => {
    await db
      .collection('syncconfigs')
      .updateMany({ tableId: { $ne: 'orders' } }, { $set: { enabled: false } });
    lake.fault({ kind: 'failed', every: 1, word: 'the object is not there' });
    const { errors } = await answered(SCHEDULED_SYNC, 'scheduled-sync', { body: {} });
    lake.clearFaults();
    expect(errors).toMatchObject([
      {
        tableId: 'orders',
        error: expect.stringContaining('the object is not there'),
        jobId: expect.any(String),
        historyId: expect.any(String),
      },
    ]);
  });
});

describe('configurations', () => {
  it('are one, or an array of all', async () => {
    await answered(z.array(CONFIG).length(5), 'sync-config');
    await answered(CONFIG, 'sync-config', { query: { tableId: 'orders' } });
  });

  it.each(['wmwhse1', ['wmwhse1'], ['wmwhse1', 'wmwhse2']])(
    'give their warehouses back as they were given: %j',
    async (whseid) => {
      const body = { tableId: 'orders', options: { whseid } };
      const put = await answered(CONFIG, 'sync-config', { method: 'PUT', body });
      const got = await answered(CONFIG, 'sync-config', { query: { tableId: 'orders' } });
      expect([put.options, got.options]).toEqual([{ whseid }, { whseid }]);
    },
  );

  it.each<[string, object, object]>([
    [
      'digits',
      { syncFrequency: '45', batchSize: '500', maxRecords: '0' },
      { syncFrequency: 45, batchSize: 500, maxRecords: 0 },
    ],
    [
      'blank fields, which change nothing',
      { enabled: null, syncFrequency: '', options: null },
      { enabled: true, syncFrequency: 60, options: {} },
    ],
    [
      'blank warehouses, which are all',
      { options: { whseid: '', deleteMode: null } },
      { options: {} },
    ],
    ['an empty description', { description: '' }, { description: '' }],
  ])('take %s', async (_what, changes, shown) => {
    const body = { tableId: 'orders', ...changes };
    expect(await answered(CONFIG, 'sync-config', { method: 'PUT', body })).toMatchObject(shown);
  });

  it('are edited and sent back whole after a run', async () => {
    await sync({ tableId: 'taskdetail' });
    const config = await answered(CONFIG, 'sync-config', { query: { tableId: 'taskdetail' } });
    const body = { ...config, syncFrequency: 45 };
    const {
      updatedAt: _,
      revision: _r,
      ...rest
    } = await answered(CONFIG, 'sync-config', {
      method: 'PUT',
      body,
    });
    expect(body).toMatchObject(rest);
  });
});

describe('a configuration of the earlier version, not adopted', () => {
  const stamps = { createdAt: new Date(0), updatedAt: new Date(0), __v: 0 };
  const add = (tableId: string) =>
    // Mongoose leaves out options without fields.
    db.collection('syncconfigs').insertOne({
      ...{ tableId, tableName: 'Old', description: '', enabled: true, syncFrequency: 30 },
      ...{ initialSync: true, batchSize: 500, maxRecords: 0, ...stamps },
    });

  beforeEach(async () => {
    await db.collection('syncconfigs').deleteMany({});
  });

  it('has options, and statistics', async () => {
    await add('orders');
    const query = { tableId: 'orders' };
    expect(await answered(CONFIG, 'sync-config', { query })).toMatchObject({ options: {} });
    await answered(TABLE_STATS, 'sync-stats', { query });
    const { body } = await call('health', { query: { deep: '1' } });
    expect(body.checks).toMatchObject({
      warehouses: { ok: true },
      overdue: { code: 'TABLES_OVERDUE' },
    });
  });

  it('has statistics also where the table is not known', async () => {
    await add('pallets');
    const { status: got, body } = await call('sync-stats', { query: { tableId: 'pallets' } });
    expect({ status: got, body }).toMatchObject({
      status: 200,
      body: { tableId: 'pallets', columns: [] },
    });
  });

  it('is no present one for having been changed, and its start is refused as before', async () => {
    await add('orders');
    const body = { tableId: 'orders', options: { whseid: 'wmwhse1' } };
    await answered(CONFIG, 'sync-config', { method: 'PUT', body });
    expect((await call('sync-table', { body: { tableId: 'orders' } })).body.code).toBe(
      'EARLIER_DATA',
    );
  });

  it('is a present one with the defaults', async () => {
    await add('orders');
    await call('init-sync-config', { body: { force: true } });
    await sync({ tableId: 'orders' });
  });
});

describe('init-sync-config', () => {
  const CREATED = z.looseObject({ message: text, count, configs: z.array(CONFIG).length(5) });
  const EXISTING = z.looseObject({ message: text, existingCount: z.literal(5) });

  it.each([{ body: {} }, {}, { body: { force: null } }])('creates them once: %j', async (sent) => {
    await db.collection('syncconfigs').deleteMany({});
    expect(await answered(CREATED, 'init-sync-config', { method: 'POST', ...sent })).toMatchObject({
      count: 5,
    });
    await answered(EXISTING, 'init-sync-config', { method: 'POST', ...sent });
  });

  it('gives them the defaults again by force', async () => {
    await answered(CREATED, 'init-sync-config', { body: { force: true } });
  });
});

describe('a page of another origin', () => {
  it.each(['Content-Type', 'Authorization', 'Cache-Control', 'Pragma'])(
    'may send %s',
    async (name) => {
      const { status: got, headers } = await call('sync-stats', { method: 'OPTIONS' });
      expect(got).toBe(204);
      expect(headers.get('access-control-allow-headers')?.split(', ')).toContain(name);
    },
  );
});
