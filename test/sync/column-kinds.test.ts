import { describe, expect, it } from 'vitest';
import { RECEIPT } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const RECEIPTS = RECEIPT.name;
const object = {
  ...RECEIPT,
  columns: [...RECEIPT.columns, { name: 'MyQty', type: 'decimal' as const }],
};
const { lake, call, sync, db, configure, config, expectEqual } = await startBackend({
  rows: 0,
  objects: [object],
});
await call('init-sync-config', { body: {} });
await lake.insert(RECEIPTS, [1, 2].map(row));

function row(serial: number) {
  return {
    SERIALKEY: serial,
    WHSEID: 'wmwhse1',
    RECEIPTKEY: `R${serial}`,
    MyQty: '2.50000',
    NOTES: `${serial}.5`,
  };
}
const stored = (key: string) =>
  db.collection('receipts').findOne({ _id: `wmwhse1|${key}` as never });
async function columns() {
  const { body } = await call('sync-stats', { query: { tableId: 'receipt' } });
  const views = body.columns as { column: string }[];
  return new Map(views.map(({ column, ...view }) => [column, view]));
}
const later = async () => {
  lake.advance(HOUR_MS);
  await lake.insert(RECEIPTS, [row((await db.collection('receipts').countDocuments()) + 1)]);
};

describe('a column that no definition knows', () => {
  it('is what the query lists it as', async () => {
    const { warnings } = await sync('receipt');
    expect(await stored('R1')).toMatchObject({ MyQty: 2.5, NOTES: '1.5' });
    expect(warnings.join()).not.toContain('MyQty');
    await expectEqual('receipt');
    const kinds = await columns();
    expect(kinds.get('MyQty')).toEqual({ kind: 'number', source: 'lake', inLake: true });
    expect(kinds.get('NOTES')).toEqual({ kind: 'text', source: 'table', inLake: true });
    expect(kinds.get('ADVICEDATE')).toEqual({ kind: 'date', source: 'table', inLake: false });
  });

  it('changes nothing for the next run', async () => {
    await later();
    expect((await sync('receipt')).mode).toBe('incremental');
  });

  it('that appears as a date makes the run after the next a full one', async () => {
    await later();
    await lake.addColumn(RECEIPTS, { name: 'MYDATE', type: 'timestamp' });
    await lake.edit(RECEIPTS, { SERIALKEY: 1 }, { MYDATE: new Date('2999-12-31T00:00:00Z') });
    expect((await sync('receipt')).mode).toBe('incremental');
    expect(await stored('R1')).toMatchObject({ MYDATE: new Date('2999-12-31T00:00:00Z') });
    const { mode, jobId } = await sync('receipt');
    expect(mode).toBe('full');
    const { body } = await call('sync-status', { query: { jobId } });
    expect(body.job.modeReason).toBe('columns_changed');
    await later();
    expect((await sync('receipt')).mode).toBe('incremental');
    await expectEqual('receipt');
  });
});

describe('options.columns', () => {
  const options = { columns: { notes: 'number', MYQTY: 'text' } };

  it('overrides definition and lake, and rewrites the rows that did not change', async () => {
    await configure('receipt', { options });
    const { mode, stats } = await sync('receipt');
    expect(mode).toBe('full');
    expect(stats.updatedRecords).toBe(stats.processedRecords);
    expect(await stored('R1')).toMatchObject({ NOTES: 1.5, MyQty: '2.500000000000000' });
    const kinds = await columns();
    expect(kinds.get('NOTES')).toMatchObject({ kind: 'number', source: 'configuration' });
    expect(kinds.get('MyQty')).toMatchObject({ kind: 'text', source: 'configuration' });
    await later();
    expect((await sync('receipt')).mode).toBe('incremental');
  });

  it('closes the rejects of values that it makes readable again', async () => {
    await configure('receipt', { options: { columns: { NOTES: 'date' } } });
    const { stats } = await sync('receipt');
    expect(stats.unreadableRecords).toBe(stats.processedRecords);
    const open = () => db.collection('syncrejects').countDocuments({ open: true });
    expect(await open()).toBe(stats.processedRecords);
    await configure('receipt', { options: {} });
    expect((await sync('receipt')).mode).toBe('full');
    expect(await open()).toBe(0);
    await expectEqual('receipt');
  });

  it('lets a backfill go by a column that it makes a date', async () => {
    const body = { tableId: 'receipt', dateColumn: 'NOTES', startDate: '2026-01-01' };
    expect((await call('sync-table', { body })).status).toBe(400);
    await configure('receipt', { options: { columns: { NOTES: 'date' } } });
    expect((await call('sync-table', { body })).status).toBe(200);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ RECEIPTKEY: 'number' }, 'options.columns.RECEIPTKEY'],
    [{ receiptkey: 'date' }, 'options.columns.receiptkey'],
    [{ WHSEID: 'number' }, 'options.columns.WHSEID'],
    [{ SERIALKEY: 'text' }, 'options.columns.SERIALKEY'],
    [{ DELETED: 'text' }, 'options.columns.DELETED'],
    [{ LAKE_MODIFIED: 'date' }, 'options.columns.LAKE_MODIFIED'],
    [{ A: 'date', a: 'number' }, 'options.columns.a'],
    [{ A: 'datetime' }, 'options.columns.A'],
    [{ A: 'deleteFlag' }, 'options.columns.A'],
    [{ A: null }, 'options.columns.A'],
    [{ 'a.b': 'date' }, 'options.columns.a.b'],
    [{ $a: 'date' }, 'options.columns.$a'],
  ])('refuses %j, naming the field', async (wrong, field) => {
    const before = (await config('receipt')).options;
    for (const method of ['PUT', 'POST']) {
      const tableId = 'receipt';
      const body = { tableId, options: { columns: wrong } };
      const answer = await call('sync-config', { method, body });
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 400,
        code: 'VALIDATION_FAILED',
      });
      expect(answer.body.details.map((detail) => detail.field)).toContain(field);
    }
    expect((await config('receipt')).options).toEqual(before);
  });

  it('takes the kind that an identifying column has', async () => {
    await configure('receipt', { options: { columns: { RECEIPTKEY: 'text' } } });
    await later();
    await sync('receipt');
    expect((await sync('receipt')).mode).toBe('incremental');
  });
});
