import { describe, expect, it } from 'vitest';
import { TASKDETAIL } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const TASKS = TASKDETAIL.name;
/** The object as another tenant might have it: text where numbers and dates are expected. */
const loose = {
  ...TASKDETAIL,
  columns: TASKDETAIL.columns.map((column) =>
    ['QTY', 'STARTTIME', 'DELETED'].includes(column.name)
      ? { ...column, type: 'text' as const }
      : column,
  ),
};
const { lake, call, sync, db, expectEqual } = await startBackend({ rows: 0, objects: [loose] });
await call('init-sync-config', { body: {} });

const row = (serial: number, values: Record<string, string | number | null> = {}) => ({
  SERIALKEY: serial,
  WHSEID: 'wmwhse1',
  TASKDETAILKEY: String(serial),
  ...values,
});
const rejects = (filter: object = {}) =>
  db.collection('syncrejects').find(filter).sort({ identity: 1 }).toArray();
const rejectOf = async (serial: number) => (await rejects({ identity: `wmwhse1|${serial}` }))[0];
const document = (serial: number) =>
  db.collection('taskdetails').findOne({ TASKDETAILKEY: String(serial) });

describe('rows with values that can not be read', () => {
  it('are stored without them and told of, while the watermark moves on', async () => {
    await lake.insert(TASKS, [
      row(1),
      row(2, { QTY: 'seven', SKU: 'A-1' }),
      row(3, { STARTTIME: '2025-02-30T00:00:00.000Z', QTY: '1e-20000' }),
      row(4, { QTY: '1234567890123456789012345678901234.5' }),
      row(5, { STARTTIME: '2025-02-03T00:00:00.123456Z' }),
      row(6, { QTY: ' ', STARTTIME: '' }),
    ]);
    const { stats, outcome, status, warnings } = await sync('taskdetail');
    expect(stats).toMatchObject({
      processedRecords: 6,
      insertedRecords: 6,
      errorRecords: 0,
      unreadableRecords: 3,
    });
    expect({ outcome, status }).toEqual({ outcome: 'complete', status: 'completed' });
    expect(warnings).toEqual([
      expect.stringMatching(/\b3 \(QTY 3, STARTTIME 1\)/),
      expect.stringMatching(/NULL: QTY 1, STARTTIME 1$/),
      expect.stringMatching(/STARTTIME.*millisecond.*\b1$/),
    ]);
    expect(await document(3)).not.toHaveProperty('QTY');
    expect(await document(3)).toMatchObject({
      TASKDETAILKEY: '3',
      _lake: { unreadable: ['QTY', 'STARTTIME'] },
    });
    expect(await document(2)).toMatchObject({ SKU: 'A-1', _lake: { unreadable: ['QTY'] } });
    expect(await document(5)).toMatchObject({ STARTTIME: new Date('2025-02-03T00:00:00.123Z') });
    expect((await document(6))?._lake).not.toHaveProperty('unreadable');
    const config = await db.collection('syncconfigs').findOne({ tableId: 'taskdetail' });
    expect(config?.watermark).toEqual(lake.now());
    await expectEqual('taskdetail');
  });

  it('are kept as rejects with the columns, the values as they came and the whole row', async () => {
    const { body } = await call('sync-rejects', { query: { tableId: 'taskdetail' } });
    const shown = body.rejects as Record<string, unknown>[];
    expect(shown.map(({ identity, reason, column }) => [identity, reason, column]).sort()).toEqual([
      ['wmwhse1|2', 'number_invalid', 'QTY'],
      ['wmwhse1|3', 'number_out_of_range', 'QTY'],
      ['wmwhse1|4', 'number_too_long', 'QTY'],
    ]);
    expect(shown.find(({ identity }) => identity === 'wmwhse1|3')).toMatchObject({
      state: 'open',
      unreadable: [
        { column: 'QTY', reason: 'number_out_of_range', value: '"1e-20000"' },
        { column: 'STARTTIME', reason: 'date_invalid', value: '"2025-02-30T00:00:00.000Z"' },
      ],
      raw: { TASKDETAILKEY: '3', QTY: '1e-20000' },
    });
  });

  it('are unchanged when they are read again, and one reject per row', async () => {
    const { stats } = await sync('taskdetail', { mode: 'full' });
    expect(stats).toMatchObject({ unchangedRecords: 6, unreadableRecords: 3 });
    expect(await rejects()).toHaveLength(3);
    const { body } = await call('sync-history', { query: { tableId: 'taskdetail' } });
    const [entry] = body.history as unknown as Record<string, unknown>[];
    expect(entry).toMatchObject({ recordsUnreadable: 3, recordsError: 0 });
  });

  it('stay rejects while a later version is unreadable, too', async () => {
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 3 }, { QTY: '3' });
    await sync('taskdetail');
    expect(await rejectOf(3)).toMatchObject({ open: true, column: 'STARTTIME' });
    expect(await document(3)).toMatchObject({ QTY: 3, _lake: { unreadable: ['STARTTIME'] } });
  });

  it('are whole again with a version that can be read, which resolves their rejects', async () => {
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 2 }, { QTY: '7' });
    await sync('taskdetail');
    const reject = await rejectOf(2);
    expect(reject).toMatchObject({ resolution: 'arrived', resolvedAt: expect.any(Date) });
    expect(reject).not.toHaveProperty('open');
    expect(await document(2)).toMatchObject({ QTY: 7 });
    expect((await document(2))?._lake).not.toHaveProperty('unreadable');
  });

  it('are rejects again when they go bad again', async () => {
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 2 }, { QTY: 'eight' });
    await sync('taskdetail');
    const reject = await rejectOf(2);
    expect(reject).toMatchObject({ open: true, message: 'QTY: "eight"' });
    expect(reject).not.toHaveProperty('resolvedAt');
    expect(await document(2)).not.toHaveProperty('QTY');
  });

  it('are deleted all the same, which resolves their rejects', async () => {
    lake.advance(1000);
    await lake.delete(TASKS, { SERIALKEY: 2 });
    const { stats } = await sync('taskdetail');
    expect(stats).toMatchObject({ deletedRecords: 1 });
    expect(await document(2)).toMatchObject({ _lake: { deletedAt: lake.now() } });
    expect(await rejectOf(2)).not.toHaveProperty('open');
  });

  it('are fetched again by a retry, and stay rejects until they can be read', async () => {
    const retried = await call('sync-rejects', {
      body: { action: 'retry', tableId: 'taskdetail' },
    });
    expect(retried.body).toMatchObject({ retried: 2, resolved: 0, stillRejected: 2, gone: 0 });
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 3 }, { STARTTIME: null });
    const again = await call('sync-rejects', { body: { action: 'retry', tableId: 'taskdetail' } });
    expect(again.body).toMatchObject({ retried: 2, resolved: 1, stillRejected: 1 });
  });
});

describe('rows that can not be stored', () => {
  it('are kept with their reason while all others arrive', async () => {
    lake.advance(1000);
    await lake.insert(TASKS, [
      row(20),
      row(21, { TASKDETAILKEY: null }),
      row(22, { DELETED: '?' }),
    ]);
    const { stats, outcome, warnings } = await sync('taskdetail');
    expect(stats).toMatchObject({ insertedRecords: 1, errorRecords: 2 });
    expect(outcome).toBe('with_rejects');
    expect(warnings).toContainEqual(expect.stringMatching(/reject.*\b2$/));
    expect(await rejects({ identity: '?SERIALKEY=21|wmwhse1' })).toMatchObject([
      { reason: 'key_missing', column: 'TASKDETAILKEY', open: true },
    ]);
    expect(await rejectOf(22)).toMatchObject({ reason: 'delete_flag_unknown', open: true });
    expect(await rejectOf(22)).not.toHaveProperty('unreadable');
  });

  it('are deleted all the same: a delete needs no more than to say which row it is', async () => {
    await lake.insert(TASKS, [row(9, { QTY: '1' })]);
    await sync('taskdetail');
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 9 }, { QTY: 'bad' });
    await lake.delete(TASKS, { SERIALKEY: 9 });
    const { stats } = await sync('taskdetail');
    expect(stats.deletedRecords).toBe(1);
    expect(await document(9)).toMatchObject({ QTY: 1, _lake: { deletedAt: lake.now() } });
  });
});

describe('a column whose kind has changed', () => {
  it('costs its fields and one warning, and no more than a thousand rejects', async () => {
    await lake.edit(TASKS, { SERIALKEY: 4 }, { QTY: '4' });
    lake.advance(3 * 3_600_000);
    await lake.insert(TASKS, [row(30)]);
    await sync('taskdetail');
    lake.advance(3 * 3_600_000);
    const rows = Array.from({ length: 1_300 }, (_, i) => row(1_000 + i, { QTY: `${i} pieces` }));
    await lake.insert(TASKS, rows);
    const { stats, warnings, outcome } = await sync('taskdetail', { batchSize: 400 });
    expect(stats).toMatchObject({ insertedRecords: 1_300, unreadableRecords: 1_300 });
    expect(outcome).toBe('complete');
    expect(warnings.filter((warning) => warning.startsWith('1300 '))).toEqual([
      expect.stringContaining('QTY'),
    ]);
    expect(await rejects({ identity: /^wmwhse1[|][12]\d{3}$/, open: true })).toHaveLength(1_000);
    const unreadable = { '_lake.unreadable': 'QTY', TASKDETAILKEY: /^[12]\d{3}$/ };
    expect(await db.collection('taskdetails').countDocuments(unreadable)).toBe(1_300);
  });
});
