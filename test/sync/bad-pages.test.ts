import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TASKDETAIL } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const TASKS = TASKDETAIL.name;
const { lake, call, sync, db, config, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });

const hex = (text: string) => Buffer.from(text).toString('hex');
const row = (serial: number) => ({
  SERIALKEY: serial,
  WHSEID: 'wmwhse1',
  TASKDETAILKEY: String(serial),
  QTY: '1.5',
  COMMENTS: `of task ${serial}`,
});
const task = (serial: number) =>
  db.collection('taskdetails').findOne({ TASKDETAILKEY: String(serial) });
const openRejects = () => db.collection('syncrejects').find({ open: true }).toArray();
/** Puts bytes in place of a row's text in every page until the faults are cleared. */
const put = (text: string, bytes: string) =>
  lake.fault({ kind: 'rawBytes', text, hex: bytes, every: 1 });

beforeAll(async () => {
  await lake.insert(TASKS, [1, 2, 3, 4, 5].map(row));
});
afterEach(async () => {
  lake.clearFaults();
  await db.collection('taskdetails').deleteMany({});
  await db.collection('syncrejects').deleteMany({});
});

describe('a page with', () => {
  it('a raw control character in a text is read as if it were escaped', async () => {
    put('of task 2', hex('of\ntask\u0001'));
    const { stats, proof } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ insertedRecords: 5, errorRecords: 0, unreadableRecords: 0 });
    expect(proof).toMatchObject({ how: 'result' });
    expect(await task(2)).toMatchObject({ COMMENTS: 'of\ntask\u0001' });
  });

  it('bytes that are not UTF-8 costs their field, and keeps them in the reject', async () => {
    put('of task 2', `${hex('of t')}e4${hex('sk')}`);
    const { stats, outcome } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ insertedRecords: 5, errorRecords: 0, unreadableRecords: 1 });
    expect(outcome).toBe('complete');
    expect(await task(2)).toMatchObject({ QTY: 1.5, _lake: { unreadable: ['COMMENTS'] } });
    expect(await task(2)).not.toHaveProperty('COMMENTS');
    expect(await openRejects()).toMatchObject([
      {
        identity: 'wmwhse1|2',
        unreadable: [{ column: 'COMMENTS', reason: 'text_invalid', value: '"of t\\udce4sk"' }],
      },
    ]);
  });

  it('a value nested more deeply than JSON can be written costs its field', async () => {
    put('"COMMENTS":"of task 2"', hex(`"COMMENTS":${'['.repeat(9_999)}${']'.repeat(9_999)}`));
    const { stats } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ insertedRecords: 5, unreadableRecords: 1 });
    expect(await openRejects()).toMatchObject([{ identity: 'wmwhse1|2', column: 'COMMENTS' }]);
  });

  it('NaN instead of a number costs its field', async () => {
    put('"QTY":"1.500000000000000"', hex('"QTY":NaN'));
    const { stats } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ insertedRecords: 5, unreadableRecords: 1 });
    expect(await openRejects()).toMatchObject([{ column: 'QTY', message: 'QTY: "NaN"' }]);
  });

  it('a row that is no JSON costs that row, and its proof is the count', async () => {
    put('"COMMENTS":"of task 2"', `${hex('"COMMENTS":')}ff`);
    const { stats, proof, outcome } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ processedRecords: 5, insertedRecords: 4, errorRecords: 1 });
    expect(outcome).toBe('with_rejects');
    expect(proof).toMatchObject({ how: 'count', read: 5, stated: 5 });
    expect(await task(2)).toBeNull();
    const [reject] = await openRejects();
    expect(reject).toMatchObject({
      identity: expect.stringMatching(/^\?ROW=/),
      reason: 'row_unparsable',
      column: '',
    });
    expect(JSON.parse(String(reject?.raw)).LAKE_UNPARSABLE).toContain('"TASKDETAILKEY":"2"');
    await sync('taskdetail', { mode: 'full' });
    expect(await openRejects()).toHaveLength(1);
  });

  it.each([
    ['one quote too many', '"COMMENTS":"of " task 2"'],
    ['a bracket too many', '"COMMENTS":"of task 2"}'],
    ['a text that never ends', '"COMMENTS":"of task 2'],
  ])('a row with %s costs that row, although it hides where it ends', async (_what, bytes) => {
    put('"COMMENTS":"of task 2"', hex(bytes));
    const { stats, outcome } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ processedRecords: 5, insertedRecords: 4, errorRecords: 1 });
    expect(outcome).toBe('with_rejects');
    const [reject] = await openRejects();
    expect(reject).toMatchObject({ reason: 'row_unparsable' });
    expect(JSON.parse(String(reject?.raw)).LAKE_UNPARSABLE).toContain('"TASKDETAILKEY":"2"');
  });

  it('two such rows costs the two', async () => {
    put('"COMMENTS":"of task 2"', hex('"COMMENTS":"of " task 2"'));
    put('"COMMENTS":"of task 4"', hex('"COMMENTS":"of " task 4"'));
    const { stats } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ processedRecords: 5, insertedRecords: 3, errorRecords: 2 });
    expect(await openRejects()).toHaveLength(2);
  });

  it('such a row alone costs no more', async () => {
    put('"COMMENTS":"of task 1"', `${hex('"COMMENTS":')}ff`);
    const { stats } = await sync('taskdetail', { mode: 'full', batchSize: 1 });
    expect(stats).toMatchObject({ processedRecords: 5, insertedRecords: 4, errorRecords: 1 });
  });
});

describe('an error table in place of the rows', () => {
  it('fails the run with its reason, and nothing is stored or rejected', async () => {
    const table = [{ messageCode: '401', messageCategory: 'ERROR', message: 'no permission' }];
    lake.fault({ kind: 'rawBytes', sql: 'LAKE_ROWS', hex: hex(JSON.stringify(table)), every: 1 });
    const { body } = await call('sync-table', { body: { tableId: 'taskdetail', mode: 'full' } });
    expect(body).toMatchObject({ code: 'LAKE_QUERY_FAILED', outcome: 'failed' });
    expect(body.error).toContain('no permission');
    expect(await db.collection('taskdetails').countDocuments()).toBe(0);
    expect(await openRejects()).toEqual([]);
    // The collection was empty: what was known of its rows is gone with them.
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
  });
});

it('a page that is whole again brings everything', async () => {
  await sync('taskdetail', { mode: 'full' });
  await expectEqual('taskdetail');
});

it('a full run that no longer meets a row that was no JSON closes its reject', async () => {
  put('"COMMENTS":"of task 2"', `${hex('"COMMENTS":')}ff`);
  await sync('taskdetail', { mode: 'full' });
  expect(await openRejects()).toHaveLength(1);
  lake.clearFaults();
  await sync('taskdetail');
  expect(await openRejects()).toHaveLength(1);
  await sync('taskdetail', { mode: 'full' });
  expect(await db.collection('syncrejects').findOne({})).toMatchObject({ resolution: 'gone' });
  expect(await openRejects()).toEqual([]);
});

it('a row that is no JSON has one reject, however many rows come with it', async () => {
  put('"COMMENTS":"of task 2"', `${hex('"COMMENTS":')}ff`);
  await sync('taskdetail', { mode: 'full' });
  await lake.insert(TASKS, [row(6)]);
  await sync('taskdetail');
  expect(await openRejects()).toHaveLength(1);
});

it('a row that had come without its warehouse has no reject after the next full run', async () => {
  put('"WHSEID":"wmwhse1","TASKDETAILKEY":"2"', hex('"TASKDETAILKEY":"2"'));
  await sync('taskdetail', { mode: 'full' });
  expect(await openRejects()).toMatchObject([{ identity: '?SERIALKEY=2|' }]);
  await sync('taskdetail', { mode: 'full' });
  expect(await openRejects()).toHaveLength(1);
  lake.clearFaults();
  await sync('taskdetail', { mode: 'full' });
  expect(await openRejects()).toEqual([]);
  await expectEqual('taskdetail');
});
