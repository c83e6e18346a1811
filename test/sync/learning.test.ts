import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../dev/lake/index.js';
import { ORDERDETAIL, RECEIPT } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const LINES = ORDERDETAIL.name; // has a delete flag
const RECEIPTS = RECEIPT.name; // has none
const { lake, call, sync, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, lakePolicy: { attempts: 3, baseMs: 1, capMs: 5 }, quotaMinuteMs: 1 },
);

let serial = 0;
const lines = (count: number) =>
  Array.from({ length: count }, () => ({
    SERIALKEY: ++serial,
    WHSEID: 'wmwhse1',
    ORDERKEY: `K${serial}`,
    ORDERLINENUMBER: '00001',
  }));
const receipts = (count: number) =>
  Array.from({ length: count }, () => ({
    SERIALKEY: ++serial,
    WHSEID: 'wmwhse1',
    RECEIPTKEY: `K${serial}`,
  }));
const statements = () => lake.requests.flatMap(({ sql }) => (sql ? [sql] : []));
const counts = () => statements().filter((sql) => sql.includes('ROW_COUNT'));
const reads = () => statements().filter((sql) => sql.startsWith('WITH d AS'));
const isTold = (sql: string) => sql.includes('infor.includedeleted');

beforeEach(async () => {
  for (const name of ['syncconfigs', 'orderdetails', 'receipts', 'syncjobs']) {
    await db.collection(name).deleteMany({});
  }
  await call('init-sync-config', { body: {} });
  await lake.defineObject(ORDERDETAIL);
  await lake.defineObject(RECEIPT);
  lake.advance(2 * HOUR_MS);
  await lake.insert(LINES, lines(5));
  await lake.insert(RECEIPTS, receipts(5));
  lake.clearRequests();
});
afterEach(() => {
  lake.clearFaults();
  lake.beforeCall(undefined);
});

describe('before its first run', () => {
  it('an object is asked for its columns and whether its flag is maintained, later runs for neither', async () => {
    await sync('orderdetail');
    expect(await config('orderdetail')).toMatchObject({
      deleteFlag: true,
      lakeObject: { deletes: 'told', columns: expect.arrayContaining(['Deleted', 'ORDERKEY']) },
    });
    expect(statements()).toHaveLength(4);
    lake.clearRequests();
    lake.advance(2 * HOUR_MS);
    await lake.edit(LINES, 'SERIALKEY > 0', { OPENQTY: '2' });
    await lake.delete(LINES, { SERIALKEY: serial - 7 });
    await sync('orderdetail');
    expect(statements()).toHaveLength(2);
    expect(statements().every(isTold)).toBe(true);
    await expectEqual('orderdetail');
  });

  it('an object without flag is read plainly', async () => {
    await sync('receipt');
    expect(statements()).toHaveLength(3);
    expect(await config('receipt')).toMatchObject({ lakeObject: { deletes: 'not_told' } });
    expect([...counts(), ...reads()].some(isTold)).toBe(false);
  });

  it('one that lists no columns is read plainly, and its rows tell', async () => {
    lake.fault({ kind: 'columns', columns: 'missing', every: 1 });
    await sync('receipt');
    expect(await config('receipt')).not.toHaveProperty('lakeObject');
    await expectEqual('receipt');
    // Every live row of this one carries its flag.
    await sync('orderdetail');
    lake.advance(HOUR_MS);
    await lake.delete(LINES, { SERIALKEY: serial - 7 });
    await sync('orderdetail');
    await expectEqual('orderdetail');
  });

  it('one that refuses the view with deleted rows is read plainly', async () => {
    lake.fault({ kind: 'failed', sql: 'includedeleted', every: 1 });
    await sync('orderdetail');
    await expectEqual('orderdetail');
    expect(await config('orderdetail')).toMatchObject({ lakeObject: { deletes: 'plain_only' } });
  });

  it('one whose columns cannot be asked for without rows is asked for one row', async () => {
    lake.fault({ kind: 'failed', sql: 'LIMIT 0', every: 1 });
    await sync('receipt');
    expect(await config('receipt')).toMatchObject({
      lakeObject: { columns: expect.arrayContaining(['RECEIPTKEY']) },
    });
  });
});

describe('a column list that changes from answer to answer', () => {
  it.each<[string, string[], string[], string]>([
    ['hides the flag in the result', ['DELETED'], [], '^WITH d AS'],
    ['hides the flag beforehand', ['DELETED'], [], 'LIMIT 0'],
    ['shows a flag that is not there in the result', [], ['DELETED'], '^WITH d AS'],
    ['shows a flag that is not there beforehand', [], ['DELETED'], 'LIMIT 0'],
  ])('and %s makes a run begin again once at most', async (_name, hide, show, sql) => {
    const tableId = show.length > 0 ? 'receipt' : 'orderdetail';
    lake.fault({ kind: 'columns', hide, show, sql, every: 1 });
    for (let run = 1; run <= 3; run++) {
      lake.clearRequests();
      await sync(tableId, { mode: run === 2 ? 'full' : 'incremental' });
      expect(reads().length).toBeLessThanOrEqual(2);
      await expectEqual(tableId);
    }
  });

  it('every other time, leaves every run an end', async () => {
    lake.fault({ kind: 'columns', hide: ['DELETED'], every: 2 });
    for (let run = 1; run <= 4; run++) {
      lake.clearRequests();
      lake.advance(HOUR_MS);
      await lake.edit(LINES, 'SERIALKEY > 0', { OPENQTY: `${run}` });
      await sync('orderdetail');
      expect(reads().length).toBeLessThanOrEqual(2);
    }
    await expectEqual('orderdetail');
  });
});

describe('an answer about the delete flag that does not come', () => {
  const spoil = (times?: number) =>
    lake.fault({ kind: 'emptyPage', sql: 'UNFLAGGED', ...(times ? { times } : { every: 1 }) });

  it('leaves the flag believed', async () => {
    spoil();
    expect((await sync('orderdetail')).outcome).toBe('complete');
    expect(await config('orderdetail')).toMatchObject({ lakeObject: { deletes: 'told' } });
    await expectEqual('orderdetail');
  });

  it.each<[string, Fault]>([
    ['is refused', { kind: 'pageStatus', status: 400, sql: 'UNFLAGGED', every: 1 }],
    ['is no list', { kind: 'notAList', sql: 'UNFLAGGED', every: 1 }],
  ])('because its page %s stops no run either', async (_how, fault) => {
    lake.fault(fault);
    expect((await sync('orderdetail')).outcome).toBe('complete');
  });

  it('the first time is asked for again', async () => {
    spoil(2);
    const { warnings } = await sync('orderdetail');
    expect(warnings.join()).not.toContain('delete flag');
    expect(statements().filter((sql) => sql.includes('UNFLAGGED'))).toHaveLength(2);
  });
});

describe('a delete flag that appears on a table with a watermark', () => {
  it('makes that run a full one, with the deletes of before', async () => {
    await sync('receipt');
    await lake.delete(RECEIPTS, { SERIALKEY: serial });
    lake.advance(48 * HOUR_MS);
    await lake.defineObject({ ...RECEIPT });
    await lake.addColumn(RECEIPTS, { name: 'DELETED', type: 'text' });
    await lake.insert(RECEIPTS, receipts(2));
    const { mode, jobId } = await sync('receipt');
    const { body } = await call('sync-status', { query: { jobId } });
    expect({ mode, reason: body.job.modeReason }).toEqual({
      mode: 'full',
      reason: 'delete_flag_appeared',
    });
    expect(await config('receipt')).toMatchObject({ deleteFlag: true });
    expect((await sync('receipt')).mode).toBe('incremental');
  });
});

describe('a delete flag that nobody maintains', () => {
  const unmaintained = {
    ...ORDERDETAIL,
    deleteFlag: { column: 'DELETED', deletedValue: 'false', liveValue: 'false' },
  };

  it('is not trusted: rows are read plainly, and a warning says so', async () => {
    await lake.defineObject(unmaintained);
    await lake.insert(LINES, lines(6));
    await lake.delete(LINES, { SERIALKEY: serial });
    const { warnings, stats } = await sync('orderdetail');
    expect(warnings.join()).toContain('delete flag');
    expect(stats.insertedRecords).toBe(5);
    expect(await config('orderdetail')).toMatchObject({
      deleteFlag: false,
      lakeObject: { deletes: 'not_maintained' },
    });
    expect(counts().some(isTold)).toBe(false);
    await expectEqual('orderdetail');
    // Nor does the next run begin again because of it.
    lake.advance(HOUR_MS);
    await lake.edit(LINES, { SERIALKEY: serial - 1 }, { OPENQTY: '3' });
    lake.clearRequests();
    const { warnings: again } = await sync('orderdetail');
    expect(again.join()).toContain('delete flag');
    expect(statements()).toHaveLength(2);
    // An answer that does not come says nothing for it.
    lake.fault({ kind: 'emptyPage', sql: 'UNFLAGGED', every: 1 });
    await sync('orderdetail', { mode: 'full' });
    expect(await config('orderdetail')).toMatchObject({
      lakeObject: { deletes: 'not_maintained' },
    });
  });

  it('is asked about twice before it is called so', async () => {
    await sync('orderdetail');
    lake.advance(HOUR_MS);
    let asked = 0;
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind !== 'submit' || !sql?.includes('UNFLAGGED_ROWS')) return;
      asked++;
      // A delete that reached one view only, for a moment.
      lake.fault({ kind: 'emptyPage', on: 'result', sql: 'UNFLAGGED_ROWS', times: 1 });
    });
    await sync('orderdetail', { mode: 'full' });
    expect(asked).toBe(1);
    expect(await config('orderdetail')).toMatchObject({ lakeObject: { deletes: 'told' } });
  });
});

describe('an object without SERIALKEY', () => {
  it('is synced, and proven by the count of its result', async () => {
    const columns = RECEIPT.columns.filter(({ name }) => name !== 'SERIALKEY');
    await lake.defineObject({ ...RECEIPT, columns, identity: ['WHSEID', 'RECEIPTKEY'] });
    await lake.insert(RECEIPTS, [
      { WHSEID: 'wmwhse1', RECEIPTKEY: 'A' },
      { WHSEID: 'wmwhse1', RECEIPTKEY: 'B' },
    ]);
    expect((await sync('receipt')).proof).toMatchObject({ how: 'count', read: 2 });
    await expectEqual('receipt');
  });
});

describe('an object that loses a column', () => {
  it('which our statements name is looked at again, and synced', async () => {
    await sync('receipt');
    const columns = RECEIPT.columns.filter(({ name }) => name !== 'SERIALKEY');
    await lake.defineObject({ ...RECEIPT, columns, identity: ['WHSEID', 'RECEIPTKEY'] });
    lake.advance(HOUR_MS);
    await lake.insert(RECEIPTS, [{ WHSEID: 'wmwhse1', RECEIPTKEY: 'new' }]);
    expect((await sync('receipt')).proof).toMatchObject({ how: 'count' });
    expect(await db.collection('receipts').countDocuments({ RECEIPTKEY: 'new' })).toBe(1);
  });
});
