import { describe, expect, it } from 'vitest';
import type { LakeObject } from '../../dev/lake/types.js';
import { RECEIPT, TASKDETAIL } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const TASKS = TASKDETAIL.name;
const RECEIPTS = RECEIPT.name;

/** The object as a tenant might have it whose columns hold text where numbers are expected. */
const loose = (object: LakeObject, names: readonly string[]): LakeObject => ({
  ...object,
  identity: ['WHSEID', 'SERIALKEY'],
  columns: object.columns.map((column) =>
    names.includes(column.name) ? { ...column, type: 'text' } : column,
  ),
});

const { lake, call, sync, db } = await startBackend({
  rows: 0,
  objects: [loose(TASKDETAIL, ['QTY']), loose(RECEIPT, ['OPENQTY'])],
});
await call('init-sync-config', { body: {} });

interface Reject {
  readonly _id: string;
  readonly identity: string;
  readonly state: string;
  readonly [field: string]: unknown;
}
const list = async (query: Record<string, string> = {}) => {
  const { status, body } = await call('sync-rejects', { query: { limit: '100', ...query } });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as { rejects: Reject[]; pagination: { total: number; pages: number } };
};
const find = async (identity: string) => {
  const { rejects } = await list({ state: 'all' });
  return rejects.find((reject) => reject.identity === identity);
};
const retry = async (body: Record<string, unknown>) => {
  const reply = await call('sync-rejects', { body: { action: 'retry', ...body } });
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body;
};
const stored = (SERIALKEY: number) => db.collection('taskdetails').findOne({ SERIALKEY });
const task = (serial: number, key: string | null, QTY: string | null = 'many') => ({
  SERIALKEY: serial,
  WHSEID: 'wmwhse1',
  TASKDETAILKEY: key,
  QTY,
});

await lake.insert(TASKS, [
  task(1, '0000000001', '7.50000'),
  task(2, '0000000002'),
  task(3, "O'Brien|x"),
  task(4, 'C:\\4'),
  task(5, null, '1'),
  task(6, '0000000006'),
  task(7, '0000000007'),
  { ...task(8, '0000000008', '1'), WHSEID: null },
]);
await lake.insert(RECEIPTS, [
  { SERIALKEY: 1, WHSEID: 'wmwhse1', RECEIPTKEY: 'R000000001', OPENQTY: 'few' },
  { SERIALKEY: 2, WHSEID: 'wmwhse1', RECEIPTKEY: 'R000000002', OPENQTY: 'few' },
]);
const run = await sync('taskdetail');
await sync('receipt');

describe('GET sync-rejects', () => {
  it('shows the open rejects with their reason and the row as the lake gave it', async () => {
    const { rejects, pagination } = await list({ tableId: 'taskdetail' });
    expect(pagination.total).toBe(7);
    expect(rejects.find(({ identity }) => identity === 'wmwhse1|0000000002')).toEqual({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      tableId: 'taskdetail',
      identity: 'wmwhse1|0000000002',
      state: 'open',
      reason: 'number_invalid',
      column: 'QTY',
      message: 'QTY: "many"',
      unreadable: [{ column: 'QTY', reason: 'number_invalid', value: '"many"' }],
      raw: expect.objectContaining({ SERIALKEY: '2', QTY: 'many' }),
      jobId: run.jobId,
      firstSeenAt: expect.any(String),
      lastSeenAt: expect.any(String),
    });
  });

  it.each([
    [{}, 9],
    [{ tableId: 'receipt' }, 2],
    [{ reason: 'key_missing' }, 2],
    [{ tableId: 'receipt', reason: 'key_missing' }, 0],
    [{ reason: 'unheard_of' }, 0],
    [{ state: 'resolved' }, 0],
    [{ state: 'all' }, 9],
  ])('filters by %j', async (query, total) => {
    expect((await list(query)).pagination.total).toBe(total);
  });

  it('comes to every reject once, page by page', async () => {
    const pages = await Promise.all([1, 2, 3].map((page) => list({ limit: '4', page: `${page}` })));
    expect(pages.map(({ rejects }) => rejects.length)).toEqual([4, 4, 1]);
    expect(new Set(pages.flatMap(({ rejects }) => rejects.map(({ _id }) => _id))).size).toBe(9);
  });

  it.each([
    ['state', { state: 'closed' }],
    ['reason', { reason: '{"$gt": ""}' }],
    ['page', { page: '0' }],
    ['limit', { limit: '1000' }],
    ['tableId', { tableId: 'x'.repeat(61) }],
  ])('refuses a wrong %s', async (field, query) => {
    const { status, body } = await call('sync-rejects', { query });
    expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field });
  });
});

describe('POST sync-rejects {action: "retry"}', () => {
  it('leaves rows rejected that the lake still has in the same form', async () => {
    const before = await find('wmwhse1|0000000002');
    expect(await retry({ tableId: 'taskdetail' })).toMatchObject({
      retried: 7,
      resolved: 0,
      stillRejected: 7,
      gone: 0,
      remaining: 0,
    });
    const after = await find('wmwhse1|0000000002');
    expect(after).toMatchObject({ state: 'open', jobId: run.jobId });
    expect(after?.retriedAt).toBeDefined();
    expect(after?.firstSeenAt).toBe(before?.firstSeenAt);
  });

  it('brings rows in that were repaired, by business key or by SERIALKEY', async () => {
    lake.advance(60_000);
    for (const SERIALKEY of [2, 3, 4]) await lake.edit(TASKS, { SERIALKEY }, { QTY: '12.25000' });
    await lake.edit(TASKS, { SERIALKEY: 5 }, { TASKDETAILKEY: '0000000005' });
    await lake.edit(TASKS, { SERIALKEY: 6 }, { QTY: 'some' });
    await lake.delete(TASKS, { SERIALKEY: 7 });
    lake.clearRequests();

    const result = await retry({ tableId: 'taskdetail' });
    expect(result).toMatchObject({ retried: 7, remaining: 0 });
    expect(lake.requests.filter(({ kind }) => kind === 'submit')).toHaveLength(1);
    for (const serial of [2, 3, 4]) {
      expect(await stored(serial)).toMatchObject({ QTY: 12.25, WHSEID: 'wmwhse1' });
    }
    expect(await stored(5)).toMatchObject({ _id: 'wmwhse1|0000000005' });
    for (const identity of ['wmwhse1|0000000002', "wmwhse1|O'Brien\\|x", 'wmwhse1|C:\\\\4']) {
      expect(await find(identity)).toMatchObject({ state: 'resolved', resolution: 'arrived' });
    }
    expect(await find('?SERIALKEY=5|wmwhse1')).toMatchObject({ state: 'resolved' });
  });

  it('keeps the newest reason of a row that is bad in another way', async () => {
    expect(await find('wmwhse1|0000000006')).toMatchObject({
      state: 'open',
      message: 'QTY: "some"',
      raw: expect.objectContaining({ QTY: 'some' }),
    });
    expect(await stored(6)).not.toHaveProperty('QTY');
  });

  it('resolves a row as gone that the lake no longer shows', async () => {
    await lake.delete(RECEIPTS, { SERIALKEY: 1 });
    expect(await retry({ tableId: 'receipt' })).toMatchObject({
      message: 'Rows fetched again: 0 arrived, 1 gone from the lake, 1 still rejected',
      retried: 2,
      resolved: 0,
      stillRejected: 1,
      gone: 1,
      remaining: 0,
    });
    const gone = await find('wmwhse1|R000000001');
    expect(gone).toMatchObject({ state: 'resolved', resolution: 'gone' });
  });

  it('retries the rejects that are named, whatever their table', async () => {
    await lake.edit(RECEIPTS, { SERIALKEY: 2 }, { OPENQTY: '3' });
    await lake.edit(TASKS, { SERIALKEY: 6 }, { QTY: '3' });
    const chosen = [await find('wmwhse1|0000000006'), await find('wmwhse1|R000000002')];
    const ids = chosen.map((reject) => reject?._id);
    expect(await retry({ ids })).toMatchObject({ retried: 2, resolved: 2, remaining: 0 });
    expect(await db.collection('receipts').findOne({ SERIALKEY: 2 })).toMatchObject({
      OPENQTY: 3,
    });
    expect(await stored(6)).toMatchObject({ QTY: 3 });
  });

  it('does nothing for rejects that are resolved already', async () => {
    const resolved = await find('wmwhse1|0000000006');
    lake.clearRequests();
    expect(await retry({ ids: [resolved?._id] })).toMatchObject({
      message: 'There is no open reject to retry',
      retried: 0,
      remaining: 0,
    });
    expect(lake.requests).toEqual([]);
  });

  it('never replaces a newer version', async () => {
    lake.advance(60_000);
    await lake.edit(TASKS, { SERIALKEY: 1 }, { QTY: 'none' });
    await sync('taskdetail');
    const newer = new Date(lake.now().getTime() + 1_000);
    await db
      .collection('taskdetails')
      .updateOne({ SERIALKEY: 1 }, { $set: { '_lake.modifiedAt': newer } });
    await lake.edit(TASKS, { SERIALKEY: 1 }, { QTY: '1' });
    await retry({ tableId: 'taskdetail' });
    expect(await stored(1)).not.toHaveProperty('QTY');
  });

  it('comes to all of many by calls in a row', async () => {
    const bad = Array.from({ length: 230 }, (_, index) => ({
      SERIALKEY: 100 + index,
      WHSEID: 'wmwhse2',
      RECEIPTKEY: String(100 + index),
      OPENQTY: 'few',
    }));
    await lake.insert(RECEIPTS, bad);
    await sync('receipt');
    await lake.edit(RECEIPTS, 'SERIALKEY >= 320', { OPENQTY: '1' });
    const first = await retry({ tableId: 'receipt' });
    const second = await retry({ tableId: 'receipt' });
    expect(first).toMatchObject({ retried: 200, remaining: 30 });
    expect(Number(first.resolved) + Number(second.resolved)).toBe(10);
    expect(await db.collection('receipts').countDocuments({ OPENQTY: 1 })).toBe(10);
  });

  it('refuses to mix the rows of two tenants', async () => {
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'receipt' }, { $set: { sourceHash: 'another' } });
    const { status, body } = await call('sync-rejects', {
      body: { action: 'retry', tableId: 'receipt' },
    });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'SOURCE_CHANGED' });
  });

  it('needs the configuration of the table', async () => {
    await call('sync-config', { method: 'DELETE', query: { tableId: 'receipt' } });
    const { status, body } = await call('sync-rejects', {
      body: { action: 'retry', tableId: 'receipt' },
    });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'CONFIG_NOT_FOUND' });
  });

  const id = '65a0000000000000000000aa';
  it.each([
    ['action', { tableId: 'receipt' }],
    ['action', { tableId: 'receipt', action: 'delete' }],
    ['ids', { action: 'retry' }],
    ['ids', { action: 'retry', tableId: 'receipt', ids: [id] }],
    ['ids', { action: 'retry', ids: [] }],
    ['ids', { action: 'retry', ids: id }],
    ['ids', { action: 'retry', ids: Array.from({ length: 1_001 }, () => id) }],
    ['ids.1', { action: 'retry', ids: [id, 'abc'] }],
    ['ids.0', { action: 'retry', ids: [{ $gt: '' }] }],
    ['ids.0', { action: 'retry', ids: [id] }],
    ['tableId', { action: 'retry', tableId: { $gt: '' } }],
    ['where', { action: 'retry', tableId: 'receipt', where: '1=1' }],
  ])('refuses a wrong %s', async (field, body) => {
    const reply = await call('sync-rejects', { body });
    expect({ status: reply.status, code: reply.body.code }).toEqual({
      status: 400,
      code: 'VALIDATION_FAILED',
    });
    expect(reply.body.details[0]?.field).toBe(field);
  });

  it('refuses a table that nobody knows', async () => {
    const { status, body } = await call('sync-rejects', {
      body: { action: 'retry', tableId: 'pallets' },
    });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'UNKNOWN_TABLE' });
  });
});
