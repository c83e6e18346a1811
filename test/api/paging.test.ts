import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { call, db } = await startBackend({ rows: 0 });

type Query = Record<string, string>;
interface Pagination {
  readonly total: number;
  readonly totalIsAtLeast?: true;
  readonly page: number | null;
  readonly pages: number;
  readonly nextCursor: string | null;
}

const LISTS = {
  'sync-history': {
    ...{ collection: 'synchistories', time: 'startTime', field: 'history' },
    entry: { status: 'completed', recordsUnchanged: 0 },
  },
  'sync-rejects': {
    ...{ collection: 'syncrejects', time: 'lastSeenAt', field: 'rejects' },
    entry: {
      ...{ open: true, raw: '{}', reason: 'key_missing', column: 'ORDERKEY' },
      ...{ message: 'ORDERKEY: no value', firstSeenAt: new Date(0) },
    },
  },
  'sync-audit': {
    ...{ collection: 'syncaudits', time: 'at', field: 'changes' },
    entry: {
      caller: 'x',
      address: null,
      requestId: 'y',
      action: 'config.update',
      target: 'orders',
    },
  },
} as const;
type Name = keyof typeof LISTS;
const NAMES = Object.keys(LISTS) as Name[];

async function get(name: Name, query: Query) {
  const { status, body } = await call(name, { query });
  expect(status, JSON.stringify(body)).toBe(200);
  const entries = body[LISTS[name].field] as { _id: string }[];
  return {
    ids: entries.map(({ _id }) => _id),
    pagination: body.pagination as unknown as Pagination,
  };
}

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 0, minute));

/** Adds an entry to the list. @returns its id */
async function add(name: Name, tableId: string, time: Date | undefined, fields: object = {}) {
  const _id = new mongo.ObjectId();
  const { collection, time: field, entry } = LISTS[name];
  // No two rejects are of one row.
  const identity = name === 'sync-rejects' && { identity: `${_id}` };
  await db
    .collection(collection)
    .insertOne({ tableId, ...entry, ...identity, ...(time && { [field]: time }), ...fields, _id });
  return String(_id);
}

describe.each(NAMES)('%s by cursor', (name) => {
  it('comes to every entry once, in order, whatever is added meanwhile', async () => {
    const minutes = Array.from({ length: 23 }, (_, index) => Math.floor(index / 5));
    const before: string[] = [];
    // Entries without a time, as an earlier version may have left them, come last. It had only these.
    const untimed = name === 'sync-history' ? [undefined, undefined, undefined] : [];
    for (const time of [...untimed, ...minutes.map(at)]) {
      before.push(await add(name, 'receipt', time));
    }
    const byNumber = await get(name, { tableId: 'receipt', limit: '100' });
    expect(byNumber.pagination.nextCursor).toBeNull();
    expect([...byNumber.ids].sort()).toEqual([...before].sort());
    const last = byNumber.ids.slice(byNumber.ids.length - untimed.length);
    expect(last.sort()).toEqual(before.slice(0, untimed.length).sort());

    const seen: string[] = [];
    const added: string[] = [];
    let page = await get(name, { tableId: 'receipt', limit: '4' });
    for (;;) {
      seen.push(...page.ids);
      for (const minute of [59, 2]) added.push(await add(name, 'receipt', at(minute)));
      const { nextCursor: cursor } = page.pagination;
      if (cursor === null) break;
      page = await get(name, { tableId: 'receipt', limit: '4', cursor });
      expect(page.pagination).toMatchObject({ page: null, total: before.length + added.length });
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => before.includes(id))).toEqual(byNumber.ids);
  });

  it('goes on from a page by number', async () => {
    const all = await get(name, { tableId: 'receipt', limit: '10' });
    const first = await get(name, { tableId: 'receipt', limit: '5', page: '1' });
    const cursor = String(first.pagination.nextCursor);
    const next = await get(name, { tableId: 'receipt', limit: '5', cursor });
    expect([...first.ids, ...next.ids]).toEqual(all.ids);
  });

  it.each([
    'x',
    'null',
    Buffer.from('|').toString('base64url'),
    Buffer.from('12|65a0').toString('base64url'),
    Buffer.from('{"$gt":""}|65a0000000000000000000aa').toString('base64url'),
    'A'.repeat(2_000),
  ])('refuses %j', async (cursor) => {
    const { status, body } = await call(name, { query: { cursor } });
    expect({ status, code: body.code, fields: body.details.map(({ field }) => field) }).toEqual({
      status: 400,
      code: 'VALIDATION_FAILED',
      fields: ['cursor'],
    });
  });

  it('refuses a page beside it, and takes an empty one', async () => {
    const { pagination } = await get(name, { limit: '1', cursor: '' });
    const cursor = String(pagination.nextCursor);
    const { status, body } = await call(name, { query: { cursor, page: '2' } });
    expect({ status, details: body.details }).toMatchObject({
      status: 400,
      details: [{ field: 'cursor' }],
    });
    await get(name, { cursor, page: '' });
  });

  it('takes a period, with its begin and without its end', async () => {
    const ids: string[] = [];
    for (const minute of [10, 11, 12]) ids.push(await add(name, 'orderdetail', at(minute)));
    const found = await get(name, {
      tableId: 'orderdetail',
      from: '2026-03-01T00:10:00Z',
      to: '2026-03-01T01:12:00+01:00',
    });
    expect(found.ids).toEqual([ids[1], ids[0]]);
    expect(found.pagination.total).toBe(2);
    for (const field of ['from', 'to']) {
      const { status, body } = await call(name, { query: { [field]: 'yesterday' } });
      expect({ status, details: body.details }).toMatchObject({
        status: 400,
        details: [{ field }],
      });
    }
  });

  it('is empty of a table that is no more where the other filters leave nothing of it', async () => {
    await add(name, 'removed', at(1));
    const { ids } = await get(name, { tableId: 'removed', from: '2026-03-01T05:00:00Z' });
    expect(ids).toEqual([]);
    const { status, body } = await call(name, { query: { tableId: 'never-there' } });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'UNKNOWN_TABLE' });
  });

  it('keeps to its filters page by page', async () => {
    const query = { tableId: 'orderdetail', to: '2026-03-01T00:12:00Z', limit: '1' };
    const first = await get(name, query);
    const cursor = String(first.pagination.nextCursor);
    const second = await get(name, { ...query, cursor });
    expect(second.ids).toHaveLength(1);
    expect(second.ids).not.toEqual(first.ids);
    expect(second.pagination).toMatchObject({ total: 2, nextCursor: null });
  });
});

describe('sync-history by cursor', () => {
  it('comes to every entry whose time an earlier version has stored in another way', async () => {
    const times = [
      ...[at(1), at(1), '2020-05-01T00:00:00.000Z', '2020-05-01T00:00:00.000Z', '2021-05-01'],
      ...[1_500_000_000_000, 1_500_000_000_000, 1_600_000_000_000, '', 'x|y', null],
    ];
    for (const startTime of times) {
      await add('sync-history', 'ofold', undefined, { startTime });
    }
    const all = await get('sync-history', { tableId: 'ofold', limit: '100' });
    expect(all.ids).toHaveLength(times.length);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await get('sync-history', { tableId: 'ofold', limit: '1', cursor });
      seen.push(...page.ids);
      cursor = page.pagination.nextCursor;
    }
    expect(seen).toEqual(all.ids);
  });
});

describe('sync-history by status', () => {
  it('has the runs of that status only', async () => {
    const failed = await add('sync-history', 'taskdetail', at(1), { status: 'failed' });
    await add('sync-history', 'taskdetail', at(2));
    const found = await get('sync-history', { tableId: 'taskdetail', status: 'failed' });
    expect(found.ids).toEqual([failed]);
    expect((await get('sync-history', { tableId: 'taskdetail', status: '' })).ids).toHaveLength(2);
    const { status, body } = await call('sync-history', { query: { status: 'done' } });
    expect({ status, details: body.details }).toMatchObject({
      status: 400,
      details: [{ field: 'status' }],
    });
  });
});

describe('the total of a list', () => {
  const fill = async (count: number) => {
    const entries = Array.from({ length: count }, (_, index) => ({
      ...{ tableId: 'orders', status: 'completed', recordsUnchanged: 0 },
      startTime: new Date(Date.now() - index * 1_000),
    }));
    await db.collection('synchistories').insertMany(entries);
  };

  it('is exact up to 10,000 and a lower bound from there on', async () => {
    await fill(10_000);
    const exact = await get('sync-history', { tableId: 'orders' });
    expect(exact.pagination).toMatchObject({ total: 10_000, pages: 1_000 });
    expect(exact.pagination).not.toHaveProperty('totalIsAtLeast');
    await fill(1);
    const bound = { total: 10_000, totalIsAtLeast: true, pages: 1_000 };
    expect((await get('sync-history', { tableId: 'orders' })).pagination).toMatchObject(bound);
    // The last page has more after it.
    const last = await get('sync-history', { tableId: 'orders', page: '1000' });
    expect(last.pagination.nextCursor).not.toBeNull();
    expect((await get('sync-history', { tableId: 'orders', page: '1001' })).ids).toHaveLength(1);
  });

  it('is the same where no filter is given, and of a much longer list', async () => {
    const bound = { total: 10_000, totalIsAtLeast: true };
    expect((await get('sync-history', {})).pagination).toMatchObject(bound);
    await fill(12_000);
    expect((await get('sync-history', {})).pagination).toMatchObject(bound);
  });

  it('is exact where the totals of the runs tell it, until entries may have expired', async () => {
    await db.collection('synchistories').deleteMany({ tableId: { $ne: 'orders' } });
    await call('init-sync-config', { body: {} });
    await call('sync-stats');
    const count = (filter: object = {}) => db.collection('synchistories').countDocuments(filter);
    const totals = async (query: Query) => (await get('sync-history', query)).pagination;
    const run = { tableId: 'orders', tableName: 'Orders', syncJobId: '65a0000000000000000000aa' };
    const post = (fields: object) => call('sync-history', { body: { ...run, ...fields } });
    await post({});
    const all = await totals({});
    expect(all).toMatchObject({ total: await count(), pages: Math.ceil((await count()) / 10) });
    expect(all).not.toHaveProperty('totalIsAtLeast');
    // Of a table whose first run goes on there are no totals yet.
    await db.collection<{ _id: string }>('syncruntotals').deleteOne({ _id: 'receipt' });
    const tally = { change: new mongo.ObjectId(), due: 'receipt' };
    await add('sync-history', 'receipt', new Date(), { status: 'in_progress', tally });
    expect(await totals({})).toMatchObject({ total: await count() });
    const orders = { tableId: 'orders' };
    expect(await totals(orders)).toMatchObject({ total: await count(orders) });
    const bound = { total: 10_000, totalIsAtLeast: true };
    expect(await totals({ ...orders, status: 'completed' })).toMatchObject(bound);
    await post({ startTime: new Date(Date.now() - 500 * 86_400_000).toISOString() });
    for (const query of [{}, orders]) expect(await totals(query)).toMatchObject(bound);
  });
});
