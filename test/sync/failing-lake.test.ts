import { Types } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../dev/lake/index.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import type { SyncContext } from '../../src/sync/context.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const ATTEMPTS = 3;
const { lake, app, call, sync, configure, config, db, expectEqual } = await startBackend(
  // Tokens outlive the hours by which the tests move the lake's clock.
  { rows: 100, tokenLifetimeSeconds: 10_000_000 },
  {},
  {
    emptyPagePauseMs: 5,
    lakePolicy: { attempts: ATTEMPTS, baseMs: 2, capMs: 10 },
    quotaMinuteMs: 600,
  },
);
await call('init-sync-config', { body: {} });
await configure('taskdetail', { batchSize: 10 });
await sync('taskdetail');
const keys = (await lake.rows(TASKS)).map((row) => row.TASKDETAILKEY ?? '').sort();

let round = 0;
beforeEach(async () => {
  round++;
  lake.advance(2 * 3_600_000);
  // Four pages of changes, a delete among them.
  await lake.edit(TASKS, `SERIALKEY % 3 = 0`, { QTY: `${round}.25000` });
  await lake.delete(TASKS, { TASKDETAILKEY: keys[round] ?? '' });
});
afterEach(async () => {
  lake.clearFaults();
  expect(await db.collection('syncjobs').countDocuments({ active: true })).toBe(0);
});
const struck = () => lake.faults().map((fault) => fault.struck);

describe('a fault that passes is waited out, and no row is lost or counted twice:', () => {
  it.each<[string, Fault]>([
    ['429', { kind: '429', on: 'submit' }],
    ['429 while a result is read', { kind: '429', on: 'result', nth: 3, times: 2 }],
    ['429 that says when to come again', { kind: '429', on: 'status', retryAfterSeconds: 0.05 }],
    ['500 for a token', { kind: '500', on: 'token' }],
    ['500 for a query', { kind: '500', on: 'submit', times: 2 }],
    ['500 although the query was taken', { kind: '500', on: 'submit', after: true }],
    ['500 for a status', { kind: '500', on: 'status' }],
    ['500 in the middle of a result', { kind: '500', on: 'result', nth: 4 }],
    ['504 for a status', { kind: '504', on: 'status', times: 2 }],
    ['504 for a page', { kind: '504', on: 'result', nth: 2 }],
    ['a reset', { kind: 'reset', on: 'submit' }],
    ['a reset in the middle of a result', { kind: 'reset', on: 'result', nth: 3 }],
    ['a page that is cut off', { kind: 'cut', on: 'result', nth: 2 }],
    ['half a page under a length that fits', { kind: 'malformed', on: 'result', nth: 3 }],
    ['half an answer to a query', { kind: 'malformed', on: 'submit' }],
    ['half a status', { kind: 'malformed', on: 'status' }],
    ['a slow page', { kind: 'slow', on: 'result', nth: 2, delayMs: 60 }],
    ['a token refused in the middle', { kind: '401', on: 'result', nth: 3 }],
    ['a token refused for each call', { kind: '401', on: 'status', times: 1 }],
    ['pages that are shorter than asked for', { kind: 'shortPage', every: 1 }],
    ['some pages that are shorter', { kind: 'shortPage', every: 2 }],
    ['a status word that nobody knows', { kind: 'unknownStatus', word: 'TRANSFORMING' }],
    ['a query that is forgotten before its status', { kind: 'lostResult', on: 'status', nth: 2 }],
    ['a result that is lost before it is read', { kind: 'lostResult', on: 'result', nth: 2 }],
    ['a result that is lost in the middle', { kind: 'lostResult', on: 'result', nth: 3 }],
    ['a count that is lost', { kind: 'lostResult', on: 'result', nth: 1 }],
    ['something else at each third call', { kind: '500', every: 3, times: 6 }],
  ])('%s', async (_name, fault) => {
    lake.expireTokens();
    lake.fault(fault);
    const { outcome, stats } = await sync('taskdetail');
    expect(struck()[0]).toBeGreaterThan(0);
    expect({ outcome, read: stats.processedRecords }).toEqual({
      outcome: 'complete',
      read: stats.totalRecords,
    });
    await expectEqual('taskdetail');
    expect(await config('taskdetail')).toMatchObject({ watermark: lake.now(), failureCount: 0 });
  });
});

/** A fault that lasts longer than the patience of the calls. */
const lasting = (fault: Omit<Fault, 'every' | 'times'>): Fault =>
  fault.nth === undefined ? { ...fault, every: 1 } : { ...fault, times: 2 * ATTEMPTS };

describe('a fault that lasts ends the run as failed, and the next run repairs all of it:', () => {
  it.each<[string, Fault, number, string]>([
    ['no token', lasting({ kind: '401', on: 'token' }), 502, 'ION_AUTH_REFUSED'],
    [
      'a token endpoint that is broken',
      lasting({ kind: '500', on: 'token' }),
      502,
      'LAKE_SERVER_ERROR',
    ],
    ['tokens that nobody takes', lasting({ kind: '401', on: 'submit' }), 502, 'ION_TOKEN_REFUSED'],
    [
      'tokens that nobody takes any more',
      lasting({ kind: '401', on: 'result', nth: 3 }),
      502,
      'ION_TOKEN_REFUSED',
    ],
    ['a gateway that is broken', lasting({ kind: '500', on: 'submit' }), 502, 'LAKE_SERVER_ERROR'],
    [
      'a gateway that breaks in the middle',
      // The page, and its halves.
      { ...lasting({ kind: '500', on: 'result', nth: 3 }), times: 4 * ATTEMPTS },
      502,
      'LAKE_SERVER_ERROR',
    ],
    [
      'a gateway that gives up waiting',
      lasting({ kind: '504', on: 'result', nth: 2 }),
      504,
      'LAKE_TIMEOUT',
    ],
    ['connections that break', lasting({ kind: 'reset', on: 'status' }), 502, 'LAKE_UNREACHABLE'],
    [
      'pages that are cut off',
      lasting({ kind: 'cut', on: 'result', nth: 3 }),
      502,
      'LAKE_UNREACHABLE',
    ],
    [
      'pages that are no JSON',
      // In halves down to a single row, and of a second query.
      { kind: 'malformed', on: 'result', every: 1 },
      502,
      'LAKE_BAD_ANSWER',
    ],
    [
      'a count that fails',
      { kind: 'failed', every: 1, word: 'Out of memory.' },
      502,
      'LAKE_QUERY_FAILED',
    ],
    [
      'a query that fails',
      // With totals, again, and without.
      { kind: 'failed', nth: 2, times: 3, word: 'Out of memory.' },
      502,
      'LAKE_QUERY_FAILED',
    ],
    [
      'results that are lost each time',
      { kind: 'lostResult', on: 'result', every: 1 },
      502,
      'LAKE_RESULT_LOST',
    ],
  ])('%s', async (_name, fault, status, code) => {
    const before = await config('taskdetail');
    if (fault.on === 'token') lake.expireTokens();
    lake.fault(fault);
    const { status: answered, body } = await call('sync-table', {
      body: { tableId: 'taskdetail' },
    });
    expect({ answered, code: body.code, body }).toMatchObject({
      answered: status,
      code,
      body: { error: expect.any(String), details: expect.any(Array), outcome: 'failed' },
    });
    await expectTruth(body.jobId, code);
    expect(await config('taskdetail')).toMatchObject({
      watermark: before.watermark,
      lastSyncStatus: 'failed',
      lastSyncJobId: body.jobId,
      failureCount: Number(before.failureCount) + 1,
    });

    lake.clearFaults();
    await sync('taskdetail');
    await expectEqual('taskdetail');
    expect(await config('taskdetail')).toMatchObject({ watermark: lake.now(), failureCount: 0 });
  });

  it('tells the reason in the words of the lake', async () => {
    lake.fault({ kind: 'failed', every: 1, word: 'Query exhausted its memory.' });
    const { body } = await call('sync-table', { body: { tableId: 'taskdetail' } });
    expect(body.error).toContain('Query exhausted its memory.');
    expect(body.details[0]).toMatchObject({
      message: 'Query exhausted its memory.',
      queryId: expect.any(String),
    });
  });
});

/** Job and history entry of a failed run say the same: what failed, and how far it got. */
async function expectTruth(jobId: string, code: string): Promise<void> {
  const job = await db.collection('syncjobs').findOne({ _id: new Types.ObjectId(jobId) });
  const entry = await db.collection('synchistories').findOne({ syncJobId: jobId });
  expect(job).toMatchObject({ status: 'failed', outcome: 'failed', errorCode: code });
  expect(job).not.toHaveProperty('active');
  expect(entry).toMatchObject({
    status: 'failed',
    outcome: 'failed',
    error: job?.error,
    recordsProcessed: job?.stats.processedRecords,
    endTime: job?.stats.endTime,
  });
  const { insertedRecords, updatedRecords, unchangedRecords, staleRecords } = job?.stats ?? {};
  const sum = insertedRecords + updatedRecords + unchangedRecords + staleRecords;
  expect(sum).toBe(job?.stats.processedRecords);
}

describe('a quota that is used up', () => {
  it('fails nothing: the run waits as long as its slice lasts, and another one goes on', async () => {
    const context = await app().sync();
    const job = await startJob(context, { tableId: 'taskdetail' }, 'api');
    lake.fault({ kind: '429', on: 'submit', every: 1 });
    expect(await advance(context, job._id, Date.now() + 300)).toMatchObject({
      state: 'more',
      job: { status: 'in_progress' },
    });
    lake.clearFaults();
    expect((await sync('taskdetail')).jobId).toBe(String(job._id));
    await expectEqual('taskdetail');
  });
});

describe('a reason that the lake gives', () => {
  it('is stored and answered in short, and without the secrets that it quotes', async () => {
    const { cs, sask } = lake.credentials;
    const word = `no right for ${sask} (${encodeURIComponent(cs)}) ${'and so on '.repeat(300_000)}`;
    lake.fault({ kind: 'failed', every: 1, word });
    const { body } = await call('sync-table', { body: { tableId: 'taskdetail' } });
    expect(body).toMatchObject({ code: 'LAKE_QUERY_FAILED', outcome: 'failed' });
    expect(body.error).toContain('no right for [secret]');
    const stored = await Promise.all(
      ['syncjobs', 'synchistories', 'syncconfigs'].map((name) =>
        db.collection(name).find({ tableId: 'taskdetail' }).sort({ _id: -1 }).limit(1).toArray(),
      ),
    );
    for (const text of [JSON.stringify(body), JSON.stringify(stored)]) {
      expect(text).not.toContain(cs);
      expect(text).not.toContain(sask);
      expect(text).not.toContain(encodeURIComponent(cs));
    }
    expect(JSON.stringify(body).length).toBeLessThan(20_000);
  });
});

describe('a query that somebody cancels in the lake', () => {
  /** A run whose count query has been canceled while it was running. */
  async function canceledRun(context: SyncContext) {
    lake.fault({ kind: 'stuck', sql: 'MAX\\(', every: 1 });
    const job = await startJob(context, { tableId: 'taskdetail' }, 'api');
    await cancelCount(context, job._id);
    return job;
  }
  async function cancelCount(context: SyncContext, jobId: Types.ObjectId, not?: string) {
    const slice = async () => (await advance(context, jobId, Date.now() + 250)).job.countQuery?.id;
    await expect.poll(slice, { timeout: 10_000 }).not.toBeOneOf([undefined, not]);
    const id = (await slice()) ?? '';
    await context.lake.compass.cancel(id);
    return id;
  }

  const jobs = db.collection<SyncJob>('syncjobs');
  const countOf = async (_id: Types.ObjectId) => (await jobs.findOne({ _id }))?.countQuery?.id;

  it('is sent again, in case it was a mistake', async () => {
    const context = await app().sync();
    const job = await canceledRun(context);
    lake.clearFaults();
    expect(await advance(context, job._id, Date.now() + 10_000)).toMatchObject({
      state: 'done',
      job: { outcome: 'complete' },
    });
    await expectEqual('taskdetail');
  });

  it('is sent in its other form when it is canceled a second time', async () => {
    const context = await app().sync();
    const job = await canceledRun(context);
    await cancelCount(context, job._id, await countOf(job._id));
    lake.clearFaults();
    const { job: ended } = await advance(context, job._id, Date.now() + 10_000);
    expect(ended).toMatchObject({ outcome: 'complete', window: { refused: true } });
    await expectEqual('taskdetail');
  });

  it('ends the run as failed when that is canceled, too, and the next one reads all', async () => {
    const context = await app().sync();
    const job = await canceledRun(context);
    const canceled = new Set<string>();
    for (let active: boolean | undefined = true; active; ) {
      const slice = await advance(context, job._id, Date.now() + 250);
      active = slice.job.active;
      const id = slice.job.countQuery?.id;
      if (!id || canceled.has(id)) continue;
      await context.lake.compass.cancel(id);
      canceled.add(id);
    }
    expect(canceled.size).toBeGreaterThan(0);
    lake.clearFaults();
    await expectTruth(String(job._id), 'LAKE_QUERY_CANCELED');
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });
});
