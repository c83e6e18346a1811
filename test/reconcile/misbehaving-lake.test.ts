import { beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../dev/lake/index.js';
import { RECEIPT } from '../../dev/lake/wms/objects.js';
import { HOUR_MS, RECEIPTS, startReconciling } from './reconciling.js';

const GROUPED = 'FROM g CROSS JOIN t ORDER BY';
const BY_ROW = 'WITH d AS \\(SELECT "WHSEID"';
const BY_KEY = 'RECEIPTKEY" = ';
const { lake, expectEqual, documents, differences, db, call, ...stage } = await startReconciling();
const { receipts, run, reconcile, wait, live, absentOnce } = stage;

/** One row is gone, one was removed from MongoDB, and the tables's newest row is hours younger. */
async function disturb() {
  await lake.insert(RECEIPTS, receipts(3));
  await lake.delete(RECEIPTS, { SERIALKEY: 7 });
  await absentOnce();
  await documents.deleteOne({ SERIALKEY: 9 });
}

beforeEach(stage.reset, 60_000);

describe('a listing that goes wrong once', () => {
  it.each<[string, Fault]>([
    ['is lost', { kind: 'lostResult', sql: GROUPED }],
    ['comes in short pages', { kind: 'shortPage', sql: GROUPED, every: 1, times: 20 }],
    ['has an empty page', { kind: 'emptyPage', sql: GROUPED }],
    ['is refused', { kind: 'pageStatus', status: 404, sql: GROUPED }],
    ['lacks a group', { kind: 'shortResult', sql: GROUPED }],
    ['of rows is lost', { kind: 'lostResult', sql: BY_ROW }],
    ['of rows is empty', { kind: 'emptyPage', sql: BY_ROW, times: 2 }],
    ['of rows lacks a row', { kind: 'shortResult', sql: BY_ROW }],
    ['of keys is lost', { kind: 'lostResult', sql: BY_KEY }],
    ['of keys is empty', { kind: 'emptyPage', sql: BY_KEY }],
    ['of keys lacks a row', { kind: 'shortResult', sql: BY_KEY }],
  ])('and %s changes nothing of what is found', async (_how, fault) => {
    await disturb();
    lake.fault(fault);
    expect(await reconcile()).toMatchObject({ repaired: 2, remaining: 0, verdict: 'repaired' });
    expect(lake.faults()[0]?.struck).toBeGreaterThan(0);
    await expectLive(22);
  });
});

describe('a listing that goes wrong for good', () => {
  it.each<[string, Fault]>([
    ['is refused', { kind: 'failed', sql: GROUPED, every: 1 }],
    ['is lost', { kind: 'lostResult', sql: GROUPED, every: 1 }],
    ['lacks a group', { kind: 'shortResult', sql: GROUPED, every: 1 }],
    ['is empty', { kind: 'emptyPage', sql: GROUPED, every: 1 }],
    ['of rows is refused', { kind: 'failed', sql: BY_ROW, every: 1 }],
    ['of rows is empty', { kind: 'emptyPage', sql: BY_ROW, every: 1 }],
    ['of keys is refused', { kind: 'failed', sql: BY_KEY, every: 1 }],
    ['of keys is empty', { kind: 'emptyPage', sql: BY_KEY, every: 1 }],
    ['of keys lacks rows', { kind: 'shortResult', sql: BY_KEY, every: 1 }],
  ])('and %s proves and deletes nothing, and the run itself completes', async (_how, fault) => {
    await disturb();
    lake.fault(fault);
    const certificate = await reconcile();
    expect(certificate).toMatchObject({ verdict: 'unproven' });
    expect(await documents.countDocuments({ '_lake.deletedAt': { $exists: true } })).toBe(0);
    lake.clearFaults();
    expect(await reconcile()).toMatchObject({ remaining: 0 });
    await expectLive(22);
  });
});

describe('a row', () => {
  it('that is not shown with those that are known to be there is not absent', async () => {
    await disturb();
    // The first reading by key shows nothing at all, and a count agrees.
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind === 'submit' && sql?.includes(BY_KEY)) await lake.hide(RECEIPTS, 'SERIALKEY > 0');
    });
    const { verdict, exceptions } = await reconcile();
    expect(verdict).toBe('unproven');
    expect(exceptions.map(({ reason }) => reason)).toContain('absence_not_proven');
    lake.beforeCall(undefined);
    await lake.show(RECEIPTS);
    expect(await live()).toBe(22);
    await reconcile();
    await expectLive(22);
  });

  it('that changes between any two calls is never deleted, and no difference for long', async () => {
    await disturb();
    let calls = 0;
    lake.beforeCall(async ({ kind }) => {
      if (kind !== 'submit') return;
      lake.advance(10);
      await lake.edit(RECEIPTS, `SERIALKEY % 5 = ${calls++ % 5}`, { STATUS: `${calls}` });
    });
    await reconcile();
    lake.beforeCall(undefined);
    expect(await documents.countDocuments({ '_lake.deletedAt': { $exists: true } })).toBe(1);
    expect(await reconcile()).toMatchObject({ remaining: 0 });
    await expectLive(22);
  });

  it('that becomes visible late is not deleted', async () => {
    lake.configure({ visibilityDelayMs: 60_000 });
    await lake.insert(RECEIPTS, receipts(5));
    expect(await reconcile()).toMatchObject({ rows: 20 });
    lake.advance(61_000);
    expect(await reconcile()).toMatchObject({ rows: 25, verdict: 'equal' });
  });

  it('with an index time of microseconds equals its document', async () => {
    lake.configure({ microseconds: true });
    await lake.insert(RECEIPTS, receipts(5));
    await run({});
    lake.advance(2 * HOUR_MS);
    await lake.insert(RECEIPTS, receipts(1));
    expect(await reconcile()).toMatchObject({ verdict: 'equal', rows: 26 });
    await documents.deleteOne({ SERIALKEY: 22 });
    expect(await reconcile()).toMatchObject({ verdict: 'repaired', counts: { missing: 1 } });
    await expectLive(26);
  });

  it('that shares its key with another live one is reported, and left alone', async () => {
    await lake.defineObject({ ...RECEIPT, identity: ['SERIALKEY'] });
    await lake.insert(RECEIPTS, [
      ...receipts(20).map((row, at) => ({ ...row, RECEIPTKEY: `C${at}` })),
    ]);
    await lake.insert(RECEIPTS, [{ SERIALKEY: 500, WHSEID: 'wmwhse1', RECEIPTKEY: 'C3' }]);
    await documents.deleteMany({});
    await run({ mode: 'full' });
    lake.advance(2 * HOUR_MS);
    await lake.insert(RECEIPTS, receipts(1));
    const certificate = await reconcile();
    expect(certificate).toMatchObject({ verdict: 'different', counts: { collision: 1 } });
    expect(certificate.repaired).toBe(0);
    await absentOnce();
    expect(await reconcile()).toMatchObject({ repaired: 0, counts: { collision: 1, extra: 0 } });
    expect(await live()).toBe(21);
  });

  it('that cannot be stored is a difference as long as it is there', async () => {
    await lake.insert(RECEIPTS, [{ SERIALKEY: 600, WHSEID: 'wmwhse1' }]);
    await lake.insert(RECEIPTS, receipts(1));
    expect(await reconcile()).toMatchObject({ verdict: 'different', counts: { rejected: 1 } });
    await lake.delete(RECEIPTS, { SERIALKEY: 600 });
    expect(await reconcile()).toMatchObject({ verdict: 'equal', counts: { rejected: 0 } });
  });

  it.each<[string, string | null]>([
    ['no SERIALKEY', null],
    ['one that is no integer', '5.4'],
  ])('with %s is never called equal by a sum', async (_what, value) => {
    const columns = RECEIPT.columns.map((column) =>
      column.name === 'SERIALKEY' ? { ...column, type: 'decimal' as const } : column,
    );
    await lake.defineObject({ ...RECEIPT, columns, identity: ['WHSEID', 'RECEIPTKEY'] });
    await lake.insert(RECEIPTS, [
      { SERIALKEY: value, WHSEID: 'wmwhse1', RECEIPTKEY: 'ODD' },
      ...receipts(2),
    ]);
    await run({ mode: 'full' });
    await documents.deleteMany({ RECEIPTKEY: { $regex: /^K0000|^K0001/ } });
    lake.advance(2 * HOUR_MS);
    await lake.insert(RECEIPTS, receipts(1));
    expect(await reconcile()).toMatchObject({ rows: 4 });
    await documents.deleteOne({ RECEIPTKEY: 'ODD' });
    expect(await reconcile()).toMatchObject({ counts: { missing: 1 }, repaired: 1 });
  });
});

describe('a document', () => {
  beforeEach(async () => {
    await lake.insert(RECEIPTS, receipts(1));
    await run({});
  });

  it('of somebody else is reported, and never deleted', async () => {
    await documents.insertOne({ _id: 'wmwhse1|THEIRS', WHSEID: 'wmwhse1' } as never);
    expect(await reconcile()).toMatchObject({
      verdict: 'different',
      remaining: 1,
      counts: { foreign: 1, extra: 0 },
    });
    await wait();
    expect(await reconcile()).toMatchObject({ repaired: 0 });
    expect(await documents.countDocuments({ _id: 'wmwhse1|THEIRS' })).toBe(1);
  });

  it.each<[string, unknown]>([
    ['another warehouse', 'wmwhse2'],
    ['the warehouse in capitals', 'WMWHSE1'],
    ['a number', 5],
    ['no warehouse', undefined],
  ])('that names %s beside its key is mended', async (_what, whseid) => {
    const change = whseid === undefined ? { $unset: { WHSEID: '' } } : { $set: { WHSEID: whseid } };
    await documents.updateOne({ SERIALKEY: 3 }, change as never);
    expect(await reconcile({ repair: false })).toMatchObject({
      verdict: 'different',
      counts: { content: 1 },
    });
    expect(await reconcile()).toMatchObject({ verdict: 'repaired', repaired: 1 });
    await expectEqual('receipt');
  });

  it('of a time that no statement can hold is replaced', async () => {
    const year = new Date('+012345-01-01T00:00:00.000Z');
    await documents.updateOne({ SERIALKEY: 3 }, { $set: { '_lake.modifiedAt': year } });
    expect(await reconcile()).toMatchObject({ verdict: 'repaired', counts: { newer: 1 } });
    await expectEqual('receipt');
  });
});

describe('a delete that a flag tells', () => {
  it('after its row was taken for gone fails no run', async () => {
    const table = { tableId: 'orderdetail' };
    const line = { SERIALKEY: 1, WHSEID: 'wmwhse1', ORDERKEY: 'A', ORDERLINENUMBER: '1' };
    const lines = 'CSWMS_wmwhse_ORDERDETAIL';
    for (const name of ['orderdetails']) await db.collection(name).deleteMany({});
    await lake.insert(lines, [line, { ...line, SERIALKEY: 2, ORDERKEY: 'B' }]);
    await run(table);
    lake.advance(2 * HOUR_MS);
    await lake.hide(lines, { SERIALKEY: 1 });
    await reconcile(table);
    await wait();
    expect(await reconcile(table)).toMatchObject({ repaired: 1 });
    await lake.delete(lines, { SERIALKEY: 1 });
    await lake.show(lines);
    expect((await run(table)).error).toBeUndefined();
    expect(await reconcile(table)).toMatchObject({ verdict: 'equal' });
    const { body } = await call('sync-status', { query: table });
    expect(JSON.stringify(body)).not.toContain('LAKE_TIMES_WENT_BACK');
  });
});

async function expectLive(count: number) {
  expect(await live()).toBe(count);
  const stored = await documents
    .find({ '_lake.deletedAt': { $exists: false } })
    .map(({ RECEIPTKEY }) => RECEIPTKEY)
    .toArray();
  const shown = (await lake.rows(RECEIPTS)).map(({ RECEIPTKEY }) => RECEIPTKEY);
  expect(stored.sort()).toEqual(shown.sort());
  expect(await differences.countDocuments({ open: true })).toBe(0);
}
