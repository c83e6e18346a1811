import { mongo } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { commonColumns } from '../../src/tables/common-columns.js';
import { TABLES } from '../../src/tables/registry.js';
import { date, defineTable, number, text } from '../../src/tables/table.js';
import { startBackend } from '../support/backend.js';

// All that a further table takes: this definition, and its place in the list below.
const inventory = defineTable({
  tableId: 'inventory',
  tableName: 'Inventory',
  description: 'What lies where',
  collection: 'inventories',
  object: 'CSWMS_wmwhse_LOTXLOCXID',
  key: ['LOT', 'LOC', 'ID'],
  syncFrequency: 15,
  columns: {
    ...commonColumns,
    ...text('LOT LOC ID STORERKEY SKU STATUS'),
    ...number('QTY QTYALLOCATED'),
    ...date('LASTCOUNTED'),
  },
});
/** Columns of other applications: mixed case, real numbers and booleans. */
const locations = defineTable({
  tableId: 'location',
  tableName: 'Location',
  description: 'Places',
  collection: 'locations',
  object: 'Other_Location',
  key: ['LOC'],
  syncFrequency: 60,
  columns: {
    ...commonColumns,
    ...text('LOC ZONE'),
    ...number('CAPACITY'),
    ISDELETED: 'deleteFlag',
  },
});

const { lake, call, sync, expectEqual, config, db } = await startBackend(
  { rows: 0 },
  {},
  { tables: [...TABLES, inventory, locations] },
);
const OBJECT = inventory.object;
await lake.defineObject({
  name: OBJECT,
  identity: ['WHSEID', 'LOT', 'LOC', 'ID'],
  deleteFlag: { column: 'DELETED', deletedValue: 'Y', liveValue: 'N' },
  columns: [
    ...['WHSEID', 'LOT', 'LOC', 'ID', 'STORERKEY', 'SKU', 'STATUS', 'DELETED'].map(
      (name) => ({ name, type: 'text' }) as const,
    ),
    { name: 'SERIALKEY', type: 'integer' },
    { name: 'QTY', type: 'decimal' },
    { name: 'LASTCOUNTED', type: 'timestamp' },
    { name: 'ADDDATE', type: 'timestamp' },
    { name: 'COUNTEDBY', type: 'text' },
  ],
});
await lake.defineObject({
  name: locations.object,
  identity: ['WhseId', 'SerialKey'],
  deleteFlag: { column: 'IsDeleted', deletedValue: true, liveValue: false },
  wire: 'typed',
  columns: [
    { name: 'WhseId', type: 'text' },
    { name: 'Loc', type: 'text' },
    { name: 'Zone', type: 'text' },
    { name: 'SerialKey', type: 'integer' },
    { name: 'Capacity', type: 'decimal' },
    { name: 'IsPickable', type: 'boolean' },
    { name: 'IsDeleted', type: 'boolean' },
  ],
});
await call('init-sync-config', { body: {} });

const stock = (serial: number) => ({
  SERIALKEY: serial,
  WHSEID: `wmwhse${(serial % 3) + 1}`,
  LOT: String(serial).padStart(10, '0'),
  LOC: `A-${serial % 7}`,
  ID: serial % 2 === 0 ? ' ' : `LPN${serial}`,
  SKU: `0${serial}`,
  QTY: `${serial}12345678901234567.12345`.slice(-22),
  LASTCOUNTED: serial % 5 === 0 ? null : new Date('2025-11-01T10:00:00.123Z'),
  ADDDATE: new Date('2025-10-01T00:00:00Z'),
  COUNTEDBY: 'somebody@example.com',
});

beforeEach(() => {
  lake.advance(2 * 3_600_000);
});

describe('a sixth table', () => {
  it('has a configuration like the others', async () => {
    const { body } = await call('sync-config', { query: { tableId: 'inventory' } });
    expect(body).toMatchObject({ tableName: 'Inventory', syncFrequency: 15, enabled: true });
  });

  it('is brought in, value by value', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => stock(i + 1));
    await lake.insert(OBJECT, rows);
    const { mode, stats, warnings } = await sync('inventory');
    expect({ mode, created: stats.insertedRecords }).toEqual({ mode: 'full', created: 60 });
    expect(warnings.join()).toContain('COUNTEDBY');
    await expectEqual('inventory');
    expect(await db.collection('inventories').findOne({ SERIALKEY: 5 })).toMatchObject({
      _id: 'wmwhse3|0000000005|A-5|LPN5',
      SKU: '05',
    });
  });

  it('is kept up to date, deletes too, by reading what changed', async () => {
    await lake.edit(OBJECT, { SERIALKEY: 1 }, { QTY: '0.50000', LASTCOUNTED: null });
    await lake.delete(OBJECT, { SERIALKEY: 2 });
    await lake.insert(OBJECT, [stock(61)]);
    const { mode, stats } = await sync('inventory');
    expect({ mode, stats }).toMatchObject({
      mode: 'incremental',
      stats: { insertedRecords: 1, updatedRecords: 2, deletedRecords: 1, unchangedRecords: 58 },
    });
    await expectEqual('inventory');
    expect(await config('inventory')).toMatchObject({ deleteFlag: true, watermark: lake.now() });
  });

  it('can be filled from a range of a date column, and for one warehouse', async () => {
    const options = { startDate: '2025-11-01', endDate: '2025-11-01', dateColumn: 'LASTCOUNTED' };
    const { mode, stats } = await sync('inventory', { ...options, whseid: 'wmwhse1' });
    const expected = await lake.rows(OBJECT, {
      where: "WHSEID = 'wmwhse1' AND LASTCOUNTED IS NOT NULL",
    });
    expect({ mode, read: stats.processedRecords }).toEqual({
      mode: 'backfill',
      read: expected.length,
    });
  });

  it('leaves the others as they were', async () => {
    const { body } = await call('sync-config');
    expect(body).toHaveLength(TABLES.length + 2);
    await lake.insert('CSWMS_wmwhse_RECEIPT', [{ WHSEID: 'w', RECEIPTKEY: '1', SERIALKEY: 1 }]);
    await sync('receipt');
    await expectEqual('receipt');
  });
});

describe('a table of another application', () => {
  const place = (serial: number, loc: string) => ({
    WhseId: 'w1',
    Loc: loc,
    Zone: 'Z',
    SerialKey: serial,
    Capacity: '12345678901234567.12345',
    IsPickable: true,
  });
  const stored = (id: string) => db.collection('locations').findOne({ _id: id as never });

  it('keeps values as they come, under the names of its definition, and numbers to the last digit', async () => {
    await lake.insert(locations.object, [place(1, 'A-1'), place(2, 'A-2')]);
    await sync('location');
    expect(await stored('w1|A-1')).toMatchObject({
      WHSEID: 'w1',
      LOC: 'A-1',
      SERIALKEY: 1,
      CAPACITY: mongo.Decimal128.fromString('12345678901234567.12345'),
      IsPickable: true,
    });
  });

  it('loses what is deleted, though it spells key and flag in its own way', async () => {
    await lake.delete(locations.object, { SerialKey: 2 });
    await sync('location');
    expect(await stored('w1|A-1')).not.toHaveProperty('_lake.deletedAt');
    expect(await stored('w1|A-2')).toMatchObject({
      SERIALKEY: 2,
      ISDELETED: true,
      _lake: { deletedAt: lake.now() },
    });
  });

  it('gives a key that is used again to the row that uses it', async () => {
    await lake.insert(locations.object, [place(3, 'A-2')]);
    await sync('location');
    expect(await stored('w1|A-2')).toMatchObject({ SERIALKEY: 3, ISDELETED: false });
  });
});
