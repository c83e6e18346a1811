import { mongo } from 'mongoose';
import { expect, test } from 'vitest';
import { TASKDETAIL } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const TASKS = TASKDETAIL.name;
const { lake, call, sync, expectEqual, db } = await startBackend({
  rows: 0,
  objects: [
    { ...TASKDETAIL, columns: [...TASKDETAIL.columns, { name: 'TENANT_OWN', type: 'text' }] },
  ],
});
await call('init-sync-config', { body: {} });

const rows: Record<string, Record<string, string | number | Date | null>> = {
  'a plain row': { TASKDETAILKEY: '0000000001', QTY: '2.00000', SKU: 'A-1' },
  'a quantity that no double holds': { TASKDETAILKEY: '2', QTY: '12345678901234567.12345' },
  'a negative one': { TASKDETAILKEY: '3', QTY: '-98765432109876543.21098' },
  'an integer beyond 2^53': { TASKDETAILKEY: '4', SERIALKEY: '9007199254740993' },
  'NULL next to empty and blank': {
    TASKDETAILKEY: '5',
    LOT: null,
    UOM: '',
    DOOR: ' ',
    ROUTE: '  ',
  },
  'a column that the definition does not know': { TASKDETAILKEY: '6', TENANT_OWN: '007 ' },
  'a key with separators': { TASKDETAILKEY: 'a|b\\c' },
  'another key with them': { TASKDETAILKEY: 'a\\|b\\c' },
  'a key in upper case': { TASKDETAILKEY: 'KeY' },
  'the same key in lower case': { TASKDETAILKEY: 'key' },
  'the earliest date of SQL Server': {
    TASKDETAILKEY: '10',
    STARTTIME: new Date('1753-01-01T00:00:00Z'),
  },
  'the latest date': { TASKDETAILKEY: '11', ENDTIME: new Date('9999-12-31T23:59:59.999Z') },
  'the zero date': { TASKDETAILKEY: '12', RELEASEDATE: new Date('0001-01-01T00:00:00Z') },
  Unicode: { TASKDETAILKEY: '13', COMMENTS: 'Größe 5 µm — 日本語 🚚 \u0000 \u202e' },
  'a code with leading zeros': { TASKDETAILKEY: '0000', STATUS: '00', PRIORITY: '5' },
  'quotes and dollars': { TASKDETAILKEY: "o'$key.x", COMMENTS: '{"$gt": ""}' },
};

await lake.insert(
  TASKS,
  Object.values(rows).map((row, i) => ({
    SERIALKEY: i + 1,
    WHSEID: 'wmwhse1',
    ADDDATE: new Date('2025-11-01T10:00:00Z'),
    ...row,
  })),
);
await sync('taskdetail');

test.each(Object.entries(rows))('keeps %s', async (_name, { TASKDETAILKEY }) => {
  const key = String(TASKDETAILKEY);
  expect(await db.collection('taskdetails').countDocuments({ TASKDETAILKEY: key })).toBe(1);
});

test('every value is that of the lake', async () => {
  await expectEqual('taskdetail');
  expect(await db.collection('taskdetails').countDocuments()).toBe(Object.keys(rows).length);
});

test('numbers are doubles where these are exact, else Decimal128', async () => {
  const tasks = db.collection('taskdetails');
  const exact = await tasks.findOne({ TASKDETAILKEY: '0000000001' });
  const long = await tasks.findOne({ TASKDETAILKEY: '2' });
  expect(exact?.QTY).toBe(2);
  expect(long?.QTY).toEqual(mongo.Decimal128.fromString('12345678901234567.12345'));
});

test('a NULL column is absent, and no empty text takes its place', async () => {
  const row = await db.collection('taskdetails').findOne({ TASKDETAILKEY: '5' });
  expect(row).not.toHaveProperty('LOT');
  expect(row).toMatchObject({ UOM: '', DOOR: ' ', ROUTE: '  ' });
});

test('unknown columns are reported', async () => {
  const { warnings } = await sync('taskdetail', { mode: 'full' });
  expect(warnings.join()).toContain('TENANT_OWN');
});

test('a full run over all of it modifies nothing', async () => {
  const { stats } = await sync('taskdetail', { mode: 'full' });
  expect(stats.unchangedRecords).toBe(Object.keys(rows).length);
});

test('a value that becomes NULL goes away, and one that was NULL comes', async () => {
  await lake.edit(TASKS, { TASKDETAILKEY: '0000000001' }, { SKU: null, LOT: 'L1' });
  await sync('taskdetail');
  await expectEqual('taskdetail');
});
