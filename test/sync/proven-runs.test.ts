import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../dev/lake/index.js';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const DATA = 'LAKE_MODIFIED';
const COUNT = 'ROW_COUNT';
const ROWS = 50;
const { lake, call, sync, configure, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, lakePolicy: { attempts: 3, baseMs: 1, capMs: 5 }, quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });

let serial = 0;
const tasks = (count: number) =>
  Array.from({ length: count }, () => {
    serial++;
    return { SERIALKEY: serial, WHSEID: 'wmwhse1', TASKDETAILKEY: `K${serial}` };
  });
const watermark = async () => (await config('taskdetail')).watermark;
const dataQueries = () => lake.requests.filter(({ sql }) => sql?.includes(DATA)).length;
const counts = () => lake.requests.filter(({ sql }) => sql?.includes(COUNT)).length;
const pages = () => lake.requests.filter(({ kind, rows = 0 }) => kind === 'result' && rows > 1);
const start = (options: object = {}) =>
  call('sync-table', { body: { tableId: 'taskdetail', batchSize: 10, ...options } });

/** Of the data query's result pages only. */
const onPages = (fault: Partial<Fault> & Pick<Fault, 'kind'>): Fault => ({
  on: 'result',
  sql: DATA,
  ...fault,
});

await lake.insert(TASKS, tasks(ROWS));
await sync('taskdetail');
beforeEach(async () => {
  lake.advance(2 * HOUR_MS);
  await lake.edit(TASKS, 'SERIALKEY > 0', { QTY: String(lake.now().getTime() % 100_000) });
  lake.clearRequests();
});
afterEach(async () => {
  lake.clearFaults();
  lake.beforeCall(undefined);
  await lake.show(TASKS);
  lake.configure({ pastEnd: 'empty', refuseTotals: false });
  await db.collection('syncconfigs').updateMany({}, { $unset: { totalsRefusedAt: '' } });
});

describe('a run whose lake behaves', () => {
  it('is proven by the totals of its own result, and keeps the proof', async () => {
    const { jobId, historyId, proof } = await sync('taskdetail', { batchSize: 10 });
    expect(proof).toMatchObject({ how: 'result', stated: ROWS, read: ROWS, counted: ROWS });
    expect(proof).toHaveProperty('sums.stated');
    const { body } = await call('sync-status', { query: { jobId } });
    expect(body.job.proof).toEqual(proof);
    expect(body.history.proof).toEqual(proof);
    const put = await call('update-sync-history', {
      method: 'PUT',
      query: { id: historyId },
      body: body.history,
    });
    expect(put.status).toBe(200);
  });

  it('sends one count and one query, and asks for no page past the end', async () => {
    await sync('taskdetail', { batchSize: 10 });
    expect([counts(), dataQueries()]).toEqual([1, 1]);
    expect(pages().map(({ query }) => query.offset)).toEqual(['0', '10', '20', '30', '40']);
    expect(lake.requests.every(({ query }) => query.limit !== '0')).toBe(true);
  });
});

describe('a page that says less than the result has', () => {
  it.each<[string, Fault]>([
    ['is empty, the first', onPages({ kind: 'emptyPage' })],
    ['is empty, in the middle', onPages({ kind: 'emptyPage', nth: 3 })],
    ['is the one before', onPages({ kind: 'repeatedPage', nth: 3 })],
    ['begins at the first row', onPages({ kind: 'ignoredOffset', nth: 4 })],
    ['is longer than asked for', onPages({ kind: 'longPage', every: 1 })],
    ['is no list of rows', onPages({ kind: 'notAList', nth: 2 })],
    ['is gone, late', onPages({ kind: 'lostResult', nth: 4 })],
    ['is past the end, it says', onPages({ kind: 'pageStatus', status: 416, nth: 3 })],
  ])('%s: the run reads all rows all the same', async (_name, fault) => {
    lake.fault(fault);
    const { proof, outcome, stats } = await sync('taskdetail', { batchSize: 10 });
    expect(lake.faults()[0]?.struck).toBeGreaterThan(0);
    expect({ outcome, read: stats.processedRecords, proof }).toMatchObject({
      outcome: 'complete',
      read: ROWS,
      proof: { how: 'result', read: ROWS },
    });
    await expectEqual('taskdetail');
    expect(await watermark()).toEqual(lake.now());
  });

  it.each<[string, Fault, string]>([
    ['every page is empty', onPages({ kind: 'emptyPage', every: 1 }), 'LAKE_RESULT_UNPROVEN'],
    ['offsets are ignored', onPages({ kind: 'ignoredOffset', every: 1 }), 'LAKE_RESULT_UNPROVEN'],
    [
      'each page is the first one',
      onPages({ kind: 'repeatedPage', nth: 2, times: 1_000 }),
      'LAKE_RESULT_UNPROVEN',
    ],
    [
      'results lose their last rows',
      { kind: 'shortResult', sql: DATA, rows: 3, every: 1 },
      'LAKE_RESULT_LOST',
    ],
    [
      'the status tells another number of rows',
      { kind: 'statusTotal', rows: ROWS - 1, sql: DATA, every: 1 },
      'LAKE_RESULT_UNPROVEN',
    ],
  ])('always, since %s: the run fails, and the next one repairs it', async (_name, fault, code) => {
    const before = await watermark();
    lake.fault(fault);
    const { body } = await start();
    expect(body).toMatchObject({ code, outcome: 'failed', error: expect.any(String) });
    expect(await watermark()).toEqual(before);
    expect(lake.requests.length).toBeLessThan(150);

    lake.clearFaults();
    await sync('taskdetail');
    await expectEqual('taskdetail');
    expect(await watermark()).toEqual(lake.now());
  });

  it('once, since the status told another number: a second query settles it', async () => {
    lake.fault({ kind: 'statusTotal', rows: ROWS - 1, sql: DATA });
    const { proof, warnings } = await sync('taskdetail');
    expect(proof).toMatchObject({ how: 'result' });
    expect(warnings.join()).toContain('contradicted');
    expect(dataQueries()).toBe(2);
  });

  it('and the number that the status tells is right: it is part of the proof', async () => {
    lake.fault({ kind: 'statusTotal', word: 'recordCount', sql: DATA });
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result', told: ROWS });
  });
});

describe('a result with fewer rows than were counted', () => {
  const hideAtQuery = (times: number, count: number) => {
    let left = times;
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind !== 'submit' || !sql) return;
      if (sql.includes(DATA) && left-- > 0) await lake.hide(TASKS, `SERIALKEY <= ${count}`);
      else await lake.show(TASKS);
    });
  };

  it('is counted again, and where these rows are there, queried again', async () => {
    hideAtQuery(1, 5);
    const { proof } = await sync('taskdetail');
    expect(proof).toMatchObject({ how: 'result', read: ROWS });
    expect(dataQueries()).toBe(2);
    await expectEqual('taskdetail');
  });

  it('that stays so fails the run', async () => {
    const before = await watermark();
    hideAtQuery(9, 5);
    expect((await start()).body).toMatchObject({ code: 'LAKE_RESULT_UNPROVEN' });
    expect(await watermark()).toEqual(before);
  });

  it('that has no row at all is no end of the run', async () => {
    hideAtQuery(1, ROWS * 1000);
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result', read: ROWS });
    await expectEqual('taskdetail');
  });

  it('is whole where the others have changed since: a second count says so', async () => {
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind !== 'submit' || !sql?.includes(DATA)) return;
      lake.advance(1_000);
      await lake.edit(TASKS, 'SERIALKEY <= 5', { QTY: '1' });
    });
    const { proof } = await sync('taskdetail');
    expect(proof).toMatchObject({
      how: 'result',
      counted: ROWS,
      read: ROWS - 5,
      recounted: ROWS - 5,
    });
    lake.beforeCall(undefined);
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('has more than were counted where rows become visible late, which is no fault', async () => {
    await lake.hide(TASKS, 'SERIALKEY <= 5');
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind === 'submit' && sql?.includes(DATA)) await lake.show(TASKS);
    });
    expect((await sync('taskdetail')).proof).toMatchObject({
      how: 'result',
      counted: ROWS - 5,
      read: ROWS,
    });
  });
});

describe('a count that does not arrive', () => {
  it('at first is asked for again', async () => {
    lake.fault({ kind: 'emptyPage', on: 'result', sql: COUNT });
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result', read: ROWS });
  });

  it('at all is never taken for zero', async () => {
    const before = await watermark();
    lake.fault({ kind: 'emptyPage', on: 'result', sql: COUNT, every: 1 });
    expect((await start()).body).toMatchObject({ code: 'LAKE_RESULT_LOST' });
    expect(await watermark()).toEqual(before);
  });
});

describe('a lake that refuses to state totals', () => {
  it('is read without, held to counts before and after, and not asked again for a week', async () => {
    lake.configure({ refuseTotals: true });
    const first = await sync('taskdetail', { batchSize: 10 });
    expect(first.proof).toMatchObject({
      how: 'bounded',
      read: ROWS,
      counted: ROWS,
      recounted: ROWS,
    });
    expect(first.warnings.join()).toContain('totals');
    expect(await watermark()).toEqual(lake.now());
    await expectEqual('taskdetail');

    lake.clearRequests();
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'bounded' });
    expect(lake.requests.some(({ sql }) => sql?.includes('CROSS JOIN'))).toBe(false);

    lake.configure({ refuseTotals: false });
    const days = (n: number) => new Date(Date.now() - n * 24 * HOUR_MS);
    const refused = (totalsRefusedAt: Date) =>
      db
        .collection('syncconfigs')
        .updateOne({ tableId: 'taskdetail' }, { $set: { totalsRefusedAt } });
    await refused(days(6.9));
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'bounded' });
    await refused(days(7.1));
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result' });
    expect(await config('taskdetail')).not.toHaveProperty('totalsRefusedAt');
  });

  it('once only is asked again in the same run', async () => {
    lake.fault({ kind: 'failed', sql: 'CROSS JOIN' });
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result' });
  });

  it.each(['empty', '400', '404', '416', 'notAList'] as const)(
    'ends its result by an answer of the kind %s, which is believed the second time',
    async (pastEnd) => {
      lake.configure({ refuseTotals: true, pastEnd });
      const { proof } = await sync('taskdetail', { batchSize: 10 });
      expect(proof).toMatchObject({ how: 'bounded', read: ROWS });
      await expectEqual('taskdetail');
    },
  );

  it('does not end its result by one empty page', async () => {
    lake.configure({ refuseTotals: true });
    lake.fault(onPages({ kind: 'emptyPage', nth: 3 }));
    expect((await sync('taskdetail', { batchSize: 10 })).proof).toMatchObject({ read: ROWS });
    await expectEqual('taskdetail');
  });

  it('ends where it delivers other rows without end', async () => {
    lake.configure({ refuseTotals: true });
    let page = 0;
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind !== 'result' || !sql?.includes(DATA)) return;
      lake.clearFaults();
      const rows = [{ SERIALKEY: ++page, TASKDETAILKEY: `of page ${page}` }];
      const hex = Buffer.from(JSON.stringify(rows)).toString('hex');
      lake.fault({ kind: 'rawBytes', hex, sql: DATA, every: 1 });
    });
    const { body } = await start({ batchSize: 1 });
    lake.beforeCall(undefined);
    expect(body).toMatchObject({ code: 'LAKE_RESULT_UNPROVEN' });
    expect(page).toBeLessThan(3 * (2 * ROWS + 10));
  });

  it('is not believed where fewer rows came than were counted before and after', async () => {
    const before = await watermark();
    lake.configure({ refuseTotals: true });
    lake.fault({ kind: 'shortResult', sql: DATA, rows: 3, every: 1 });
    expect((await start()).body).toMatchObject({ code: 'LAKE_RESULT_UNPROVEN' });
    expect(await watermark()).toEqual(before);
  });
});

describe('a table whose keys add nothing to a sum', () => {
  it('is proven by the count of its result alone', async () => {
    const ORDERS = 'CSWMS_wmwhse_ORDERS';
    await lake.insert(ORDERS, [
      { WHSEID: 'wmwhse1', ORDERKEY: 'A' },
      { WHSEID: 'wmwhse1', ORDERKEY: 'B' },
    ]);
    expect((await sync('orders')).proof).toEqual({ how: 'count', read: 2, stated: 2, counted: 2 });
    await expectEqual('orders');
  });
});

describe('a run in parts', () => {
  it('is limited until the last part, which is proven by the totals of the whole result', async () => {
    await configure('taskdetail', { maxRecords: 20 });
    const before = await watermark();
    expect((await sync('taskdetail')).proof).toEqual({ how: 'limited', read: 20, stated: ROWS });
    expect(await config('taskdetail')).toMatchObject({
      leftovers: { offset: 20, stated: { rows: ROWS }, received: { rows: 20 } },
    });
    expect(await watermark()).toEqual(before);
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'limited', read: 40 });
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result', read: ROWS });
    await configure('taskdetail', { maxRecords: 0 });
    expect(await watermark()).toEqual(lake.now());
    expect(await config('taskdetail')).not.toHaveProperty('leftovers');
    await expectEqual('taskdetail');
  });

  it('whose query is sent again is proven by that query', async () => {
    await configure('taskdetail', { maxRecords: 20 });
    await sync('taskdetail');
    await configure('taskdetail', { maxRecords: 0 });
    lake.forgetResult();
    const { proof } = await sync('taskdetail');
    expect(proof).toMatchObject({ how: 'result', read: ROWS });
    expect(await config('taskdetail')).not.toHaveProperty('leftovers');
    await expectEqual('taskdetail');
  });
});
