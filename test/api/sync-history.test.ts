import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { call, sync, db } = await startBackend({ rows: 20 });
await call('init-sync-config', { body: {} });

interface Entry {
  readonly _id: string;
  readonly tableId: string;
  readonly startTime: string;
}
interface HistoryPage {
  readonly history: readonly Entry[];
  readonly pagination: { total: number; page: number; limit: number; pages: number };
}

const run = (values: Record<string, unknown> = {}) => ({
  tableId: 'orders',
  tableName: 'Orders',
  syncJobId: '65a0000000000000000000aa',
  ...values,
});
const nested = (levels: number): object => (levels > 0 ? { a: nested(levels - 1) } : {});
const get = async (query: Record<string, string>) => {
  const { status, body } = await call('sync-history', { query });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as HistoryPage;
};
const post = (body: unknown) => call('sync-history', { body });

describe('POST sync-history', () => {
  it('records a run under way from the least that can be said', async () => {
    const before = Date.now();
    const { status, body } = await post(run());
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...run(),
      status: 'in_progress',
      recordsProcessed: 0,
      recordsInserted: 0,
      recordsUpdated: 0,
      recordsError: 0,
      recordsUnreadable: 0,
      options: {},
    });
    expect(Date.parse(String(body.startTime))).toBeGreaterThanOrEqual(before);
    expect(body).not.toHaveProperty('endTime');
    expect(body).not.toHaveProperty('duration');
  });

  it.each([null, ''])('takes %j for what is not filled in, and digits', async (blank) => {
    const fields = ['status', 'startTime', 'endTime', 'duration', 'recordsError', 'error'];
    const blanks = Object.fromEntries(fields.map((name) => [name, blank]));
    const { status, body } = await post(run({ ...blanks, recordsProcessed: '5' }));
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: 'in_progress', recordsProcessed: 5, recordsError: 0 },
    });
    for (const field of ['endTime', 'duration', 'error']) expect(body).not.toHaveProperty(field);
  });

  it('records a run that has ended, and works out how long it took', async () => {
    const { body } = await post(
      run({
        status: 'failed',
        startTime: '2026-01-02T03:04:05.000Z',
        endTime: '2026-01-02T04:04:06.500+01:00',
        recordsProcessed: 12,
        recordsError: 12,
        error: 'the lake was closed',
        options: { whseid: ['wmwhse1'], note: { by: 'hand' } },
      }),
    );
    expect(body).toMatchObject({
      endTime: '2026-01-02T03:04:06.500Z',
      duration: 1.5,
      durationMs: 1_500,
      recordsError: 12,
      error: 'the lake was closed',
      options: { whseid: ['wmwhse1'], note: { by: 'hand' } },
    });
  });

  it('keeps a duration that is given', async () => {
    const { body } = await post(
      run({ startTime: '2026-01-02', endTime: '2026-01-03', duration: 7 }),
    );
    expect(body).toMatchObject({ duration: 7, durationMs: 7_000 });
  });

  it('takes an entry of its own answers, as a new one', async () => {
    const { body: first } = await post(run({ error: { code: 'X', details: [{ field: 'a' }] } }));
    const { status, body: second } = await post(first);
    expect(status).toBe(201);
    expect(second._id).not.toBe(first._id);
    expect(second).toMatchObject({ error: 'X', errorCode: 'X', errorDetails: [{ field: 'a' }] });
    expect(second.error).toBe(first.error);
  });

  it.each([
    ['tableId', { tableId: undefined }],
    ['tableId', { tableId: { $gt: '' } }],
    ['tableName', { tableName: undefined }],
    ['tableName', { tableName: 7 }],
    ['syncJobId', { syncJobId: undefined }],
    ['syncJobId', { syncJobId: 'abc' }],
    ['syncJobId', { syncJobId: { $gt: '' } }],
    ['status', { status: 'done' }],
    ['startTime', { startTime: 'yesterday' }],
    ['startTime', { startTime: 1_767_225_600_000 }],
    ['startTime', { startTime: '9999-12-31T23:59:59-14:00' }],
    ['startTime', { startTime: '0000-01-01T00:00:00+14:00' }],
    ['endTime', { endTime: '2026-02-30T00:00:00Z' }],
    ['endTime', { startTime: '2026-01-02T00:00:00Z', endTime: '2026-01-01T00:00:00Z' }],
    ['duration', { duration: -1 }],
    ['recordsProcessed', { recordsProcessed: 1.5 }],
    ['recordsInserted', { recordsInserted: 'three' }],
    ['recordsError', { recordsError: 0.5 }],
    ['error', { error: ['a'] }],
    ['options', { options: 'none' }],
    ['options', { options: { note: 'x'.repeat(20_000) } }],
    [`options${'.a'.repeat(19)}`, { options: nested(40) }],
    ['options', { options: { $where: '1' } }],
    ['nonsense', { nonsense: 1 }],
  ])('refuses a wrong %s: %j', async (field, values) => {
    const before = await db.collection('synchistories').countDocuments();
    const { status, body } = await post(run(values));
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details.map((detail) => detail.field)).toEqual([field]);
    expect(await db.collection('synchistories').countDocuments()).toBe(before);
  });

  it('refuses a table that nobody knows', async () => {
    const { status, body } = await post(run({ tableId: 'pallets' }));
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'UNKNOWN_TABLE' });
  });
});

describe('GET sync-history with days', () => {
  it('adds up the runs of each day of UTC, of one table or of all, but no refused start', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const before = new Date(Date.now() - 3 * 86_400_000).toISOString();
    const times = { startTime: before, endTime: before, duration: 4 };
    for (const status of ['completed', 'failed']) {
      await post(run({ tableId: 'receipt', status, recordsProcessed: 7, ...times }));
    }
    const refusal = { since: new Date(), lastTime: new Date(), count: 3 };
    const entry = { tableId: 'receipt', status: 'failed', startTime: new Date(), refusal };
    await db.collection('synchistories').insertOne({ ...entry });
    const { body } = await call('sync-history', {
      query: { tableId: 'receipt', days: '4', status: 'pending' },
    });
    expect(body).toMatchObject({ history: [] });
    expect(body.days).toEqual([
      { day: before.slice(0, 10), runs: 2, failed: 1, rows: 14, durationMs: 8_000 },
    ]);
    const all = await call('sync-history', { query: { days: '1' } });
    expect(all.body.days).toEqual([expect.objectContaining({ day: today })]);
    expect((await call('sync-history')).body).not.toHaveProperty('days');
    await db.collection('synchistories').deleteMany({ tableId: 'receipt' });
  });

  it.each(['0', '91', 'x'])('refuses days=%s', async (days) => {
    const { status, body } = await call('sync-history', { query: { days } });
    expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field: 'days' });
  });
});

describe('GET sync-history', () => {
  it('shows the runs of the backend itself, the newest first', async () => {
    const first = await sync('receipt');
    const second = await sync('receipt', { mode: 'full' });
    const { history, pagination } = await get({ tableId: 'receipt' });
    expect(history.map((entry) => entry._id)).toEqual([second.historyId, first.historyId]);
    expect(history[0]).toMatchObject({
      syncJobId: second.jobId,
      status: 'completed',
      mode: 'full',
      recordsProcessed: second.stats.processedRecords,
    });
    expect(pagination).toEqual({ total: 2, page: 1, limit: 10, pages: 1, nextCursor: null });
  });

  it('comes to every run once, page by page, also where runs began at the same time', async () => {
    const at = (index: number) => new Date(Date.UTC(2025, 5, 1, 0, Math.floor(index / 5)));
    const entries = Array.from({ length: 23 }, (_, index) => ({
      _id: new Types.ObjectId(),
      ...run({ tableId: 'taskdetail' }),
      status: 'completed',
      startTime: at(index),
    }));
    await db.collection('synchistories').insertMany(entries);

    const seen: Entry[] = [];
    let pages = 1;
    for (let page = 1; page <= pages; page++) {
      const answer = await get({ tableId: 'taskdetail', page: String(page), limit: '4' });
      seen.push(...answer.history);
      pages = answer.pagination.pages;
    }
    expect(pages).toBe(6);
    expect(seen.map(({ _id }) => _id).sort()).toEqual(entries.map(({ _id }) => String(_id)).sort());
    const times = seen.map(({ startTime }) => startTime);
    expect(times).toEqual([...times].sort().reverse());
    const beyond = await get({ tableId: 'taskdetail', page: '7', limit: '4' });
    expect(beyond.history).toEqual([]);
  });

  it('shows the runs of all tables where none is named', async () => {
    const { history, pagination } = await get({ limit: '100' });
    expect(pagination.total).toBe(await db.collection('synchistories').countDocuments());
    expect(new Set(history.map(({ tableId }) => tableId)).size).toBeGreaterThan(2);
  });

  it('is empty for a table without runs', async () => {
    expect(await get({ tableId: 'orderdetail' })).toEqual({
      history: [],
      pagination: { total: 0, page: 1, limit: 10, pages: 0, nextCursor: null },
    });
  });

  it.each([
    ['page', { page: '0' }],
    ['page', { page: '-1' }],
    ['page', { page: '1.5' }],
    ['page', { page: '999999999' }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '1000' }],
    ['limit', { limit: 'all' }],
  ])('refuses a wrong %s: %j', async (field, query) => {
    const { status, body } = await call('sync-history', { query });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details.map((detail) => detail.field)).toEqual([field]);
  });

  it.each<Record<string, string>>([
    { tableId: '' },
    { page: '', limit: '' },
    { _t: '1767225600000' },
    { sort: 'startTime', 'tableId[$gt]': '' },
  ])('shows all runs for %j', async (query) => {
    expect(await get(query)).toEqual(await get({}));
  });

  it('refuses a parameter that is given twice', async () => {
    const { default: handle } = await import('../../netlify/functions/sync-history.js');
    const url = 'http://localhost/.netlify/functions/sync-history?page=1&page=2';
    const headers = { authorization: `Bearer ${process.env.API_TOKEN}` };
    const twice = new Request(url, { headers });
    expect(await (await handle(twice)).json()).toMatchObject({
      code: 'VALIDATION_FAILED',
      details: [{ field: 'page', message: 'is given twice' }],
    });
  });
});
