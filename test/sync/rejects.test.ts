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
const { lake, call, sync, db } = await startBackend({ rows: 0, objects: [loose] });
await call('init-sync-config', { body: {} });

const row = (serial: number, values: Record<string, string | number | null> = {}) => ({
  SERIALKEY: serial,
  WHSEID: 'wmwhse1',
  TASKDETAILKEY: String(serial),
  ...values,
});
const rejects = () => db.collection('syncrejects').find({}).sort({ identity: 1 }).toArray();

describe('rows that can not be stored', () => {
  it('are kept with their reason while all others arrive, and the watermark moves on', async () => {
    await lake.insert(TASKS, [
      row(1),
      row(2, { QTY: 'seven' }),
      row(3, { STARTTIME: '2025-02-30T00:00:00.000Z' }),
      row(4, { QTY: '1234567890123456789012345678901234.5' }),
      row(5, { STARTTIME: '2025-02-03T00:00:00.123456Z' }),
      row(6, { TASKDETAILKEY: null }),
    ]);
    const { stats, outcome, status, warnings } = await sync('taskdetail');
    expect(stats).toMatchObject({ processedRecords: 6, insertedRecords: 1, errorRecords: 5 });
    expect({ outcome, status }).toEqual({ outcome: 'with_rejects', status: 'completed' });
    expect(warnings.join()).toContain('rows rejected: 5');
    expect(
      (await rejects()).map(({ identity, reason, column, open }) => [
        identity,
        reason,
        column,
        open,
      ]),
    ).toEqual([
      ['?SERIALKEY=6|wmwhse1', 'key_missing', 'TASKDETAILKEY', true],
      ['wmwhse1|2', 'number_invalid', 'QTY', true],
      ['wmwhse1|3', 'date_invalid', 'STARTTIME', true],
      ['wmwhse1|4', 'number_too_long', 'QTY', true],
      ['wmwhse1|5', 'date_too_fine', 'STARTTIME', true],
    ]);
    const config = await db.collection('syncconfigs').findOne({ tableId: 'taskdetail' });
    expect(config?.watermark).toEqual(lake.now());
  });

  it('hold the row as the lake gave it', async () => {
    const [, reject] = await rejects();
    expect(JSON.parse(String(reject?.raw))).toMatchObject({ TASKDETAILKEY: '2', QTY: 'seven' });
  });

  it('are one reject a row, however often they are read', async () => {
    await sync('taskdetail', { mode: 'full' });
    expect(await rejects()).toHaveLength(5);
  });

  it('are resolved by the run that brings a version that can be stored', async () => {
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 2 }, { QTY: '7' });
    await sync('taskdetail');
    const reject = (await rejects()).find(({ identity }) => identity === 'wmwhse1|2');
    expect(reject?.resolvedAt).toBeInstanceOf(Date);
    expect(reject).not.toHaveProperty('open');
    expect(await db.collection('taskdetails').findOne({ TASKDETAILKEY: '2' })).toMatchObject({
      QTY: 7,
    });
  });

  it('are open again when they go bad again', async () => {
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 2 }, { QTY: 'eight' });
    await sync('taskdetail');
    const reject = (await rejects()).find(({ identity }) => identity === 'wmwhse1|2');
    expect(reject).toMatchObject({ open: true, message: 'QTY: "eight"' });
    expect(reject).not.toHaveProperty('resolvedAt');
  });

  it('are deleted all the same: a delete needs no more than to say which row it is', async () => {
    await lake.insert(TASKS, [row(9, { QTY: '1' })]);
    await sync('taskdetail');
    lake.advance(1000);
    await lake.edit(TASKS, { SERIALKEY: 9 }, { QTY: 'bad' });
    await lake.delete(TASKS, { SERIALKEY: 9 });
    const { stats } = await sync('taskdetail');
    expect(stats.deletedRecords).toBe(1);
    expect(await db.collection('taskdetails').findOne({ TASKDETAILKEY: '9' })).toMatchObject({
      QTY: 1,
      _lake: { deletedAt: lake.now() },
    });
  });
});
