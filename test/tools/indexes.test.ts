import { beforeEach, describe, expect, it } from 'vitest';
import { TABLES } from '../../src/tables/registry.js';
import { runIndexes } from '../../tools/indexes/command.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();

async function run(...args: string[]) {
  const lines: string[] = [];
  const add = (line: string) => lines.push(line);
  const status = await runIndexes(args, { MONGODB_URI: uri }, { line: add, problem: add });
  const ofState = (state: string) =>
    lines.flatMap((line) => new RegExp(`^[✓✗] ${state}  ([\\w.]+)`).exec(line)?.[1] ?? []);
  return { status, text: lines.join('\n'), ofState };
}

const wms = (...args: string[]) => run('--profile', 'wms', ...args);
const PROFILE = TABLES.flatMap(({ collection, queryIndexes = [], views = [] }) => [
  ...queryIndexes.map(({ name }) => `${collection}.${name}`),
  ...views.map(({ name }) => name),
]).sort();
const VIEWS = ['wms_open_tasks', 'wms_order_fill_rate', 'wms_receipt_progress'];

const indexesOf = async (name: string) =>
  (await db.collection(name).indexes()).map((index) => index.name);
async function definitionOf(view: string): Promise<string> {
  const [found] = await db.listCollections({ name: view }, { nameOnly: false }).toArray();
  return JSON.stringify(found?.options);
}

beforeEach(async () => {
  await db.dropDatabase();
});

describe('db:indexes --profile wms', () => {
  it('creates indexes and views with the profile only, and says so once', async () => {
    const without = await run();
    expect(without.status).toBe(0);
    expect(await indexesOf('taskdetails')).toEqual(['_id_', 'hard_deletes_expire']);
    const first = await wms();
    expect({ status: first.status, made: first.ofState('created').sort() }).toEqual({
      status: 0,
      made: PROFILE,
    });
    expect(PROFILE).toEqual(expect.arrayContaining(VIEWS));
    const second = await wms();
    expect(second.ofState('created')).toEqual([]);
    expect(second.ofState('exists').sort()).toEqual(PROFILE);
  });

  it('takes an index with the same keys under another name, and with more documents, for its own', async () => {
    const tasks = db.collection('taskdetails');
    await tasks.createIndex({ '_lake.modifiedAt': 1, _id: 1 }, { name: 'ours' });
    await tasks.createIndex({ ORDERKEY: 1, WHSEID: 1 }, { name: 'all_orders' });
    const { ofState } = await wms();
    expect(ofState('exists')).toEqual([
      'taskdetails.tasks_of_an_order',
      'taskdetails.changed_since',
    ]);
    expect(await indexesOf('taskdetails')).not.toContain('changed_since');
  });

  it('reports what conflicts, leaves it as it is, and creates the rest', async () => {
    await db.collection('orders').createIndex({ TYPE: 1 }, { name: 'by_route' });
    await db.collection('wms_open_tasks').insertOne({ own: true });
    const { status, ofState, text } = await wms();
    expect(status).toBe(1);
    expect(ofState('conflicts').sort()).toEqual(['orders.by_route', 'wms_open_tasks']);
    expect(text).toContain('{"TYPE":1}');
    expect(ofState('created')).toHaveLength(PROFILE.length - 2);
    expect(await db.collection('wms_open_tasks').countDocuments()).toBe(1);
  });

  it('replaces a view whose definition differs, and keeps the time zone of its days', async () => {
    await wms();
    expect(await definitionOf('wms_receipt_progress')).toContain('"timezone":"UTC"');
    const moved = await wms('--time-zone', 'America/Chicago');
    expect(moved.ofState('changed')).toEqual(['wms_receipt_progress', 'wms_order_fill_rate']);
    await db.dropCollection('wms_open_tasks');
    await db.createCollection('wms_open_tasks', { viewOn: 'taskdetails', pipeline: [] });
    const later = await wms();
    expect(later.ofState('changed')).toEqual(['wms_open_tasks']);
    expect(await definitionOf('wms_receipt_progress')).toContain('"timezone":"America/Chicago"');
  });

  it.each([
    [['--profile', 'erp'], /--profile takes wms/],
    [['--time-zone', 'UTC'], /needs --profile/],
    [['--profile', 'wms', '--time-zone', 'Chicago'], /America\/Chicago/],
    [['--remove'], /--remove/],
  ])('refuses %j', async (args, message) => {
    const { status, text } = await run(...args);
    expect({ status, text }).toEqual({ status: 1, text: expect.stringMatching(message) });
  });
});

describe('the views', () => {
  const modifiedAt = new Date('2026-01-12T12:00:00Z');
  const gone = { deletedAt: modifiedAt };
  const row = (_id: string, fields: object, lake: object = {}) => {
    const [WHSEID, key] = _id.split('|');
    return { _id: _id as never, WHSEID, ORDERKEY: key, RECEIPTKEY: key, ...fields, _lake: lake };
  };

  beforeEach(async () => {
    await wms('--time-zone', 'America/Chicago');
  });

  it('count open tasks by warehouse, type and user', async () => {
    const task = { TASKTYPE: 'PK', USERKEY: 'anna', QTY: 2 };
    await db
      .collection('taskdetails')
      .insertMany([
        row('w1|1', { ...task, STATUS: '0', ADDDATE: modifiedAt }),
        row('w1|2', { ...task, STATUS: '3' }),
        row('w1|3', { ...task, STATUS: '9' }),
        row('w1|4', { ...task, STATUS: '0' }, gone),
        row('w2|1', { ...task, STATUS: '0', USERKEY: '' }),
      ]);
    const found = await db.collection('wms_open_tasks').find().sort({ WHSEID: 1 }).toArray();
    expect(found).toEqual([
      { WHSEID: 'w1', TASKTYPE: 'PK', USERKEY: 'anna', tasks: 2, quantity: 4, oldest: modifiedAt },
      { WHSEID: 'w2', TASKTYPE: 'PK', USERKEY: '', tasks: 1, quantity: 2, oldest: null },
    ]);
  });

  it('state the fill rate of each order by its own lines, and the local day', async () => {
    // The evening of the 11th in Chicago.
    const REQUESTEDSHIPDATE = new Date('2026-01-12T03:00:00Z');
    await db
      .collection('orders')
      .insertMany([row('w1|1', { REQUESTEDSHIPDATE }), row('w2|1', {}), row('w1|2', {}, gone)]);
    const line = { ORIGINALQTY: 10, SHIPPEDQTY: 5 };
    await db
      .collection('orderdetails')
      .insertMany([
        row('w1|1|1', line),
        row('w1|1|2', { ...line, SHIPPEDQTY: 10 }),
        row('w1|1|3', line, gone),
      ]);
    const found = await db.collection('wms_order_fill_rate').find().sort({ WHSEID: 1 }).toArray();
    expect(found).toMatchObject([
      { WHSEID: 'w1', day: '2026-01-11', lines: 2, ordered: 20, shipped: 15, fillRate: 0.75 },
      { WHSEID: 'w2', day: null, lines: 0, ordered: 0, fillRate: null },
    ]);
  });

  it('state how much of each receipt has arrived', async () => {
    await db.collection('receipts').insertOne(row('w1|1', { RECEIPTDATE: modifiedAt }));
    await db
      .collection('receiptdetails')
      .insertMany([
        row('w1|1|1', { QTYEXPECTED: 3, QTYRECEIVED: 3, DATERECEIVED: modifiedAt }),
        row('w2|1|1', { QTYEXPECTED: 9, QTYRECEIVED: 9 }),
        row('w1|1|2', { QTYEXPECTED: 1, QTYRECEIVED: 0 }),
      ]);
    expect(await db.collection('wms_receipt_progress').findOne()).toMatchObject({
      ...{ lines: 2, expected: 4, received: 3, progress: 0.75 },
      lastReceived: modifiedAt,
    });
  });
});
