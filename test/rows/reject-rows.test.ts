import { beforeEach, describe, expect, it } from 'vitest';
import { ORDERDETAIL } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const LINES = ORDERDETAIL.name; // identity is SERIALKEY: a business key can be used again
const loose = {
  ...ORDERDETAIL,
  columns: ORDERDETAIL.columns.map((column) =>
    column.name === 'OPENQTY' ? { ...column, type: 'text' as const } : column,
  ),
};
const { lake, call, sync, db } = await startBackend({ rows: 0, objects: [loose] });
await call('init-sync-config', { body: {} });

let serial = 0;
const line = (key: string, OPENQTY = '1') => ({
  SERIALKEY: ++serial,
  WHSEID: 'wmwhse1',
  ORDERKEY: key,
  ORDERLINENUMBER: '00001',
  OPENQTY,
});
const open = (key: string) =>
  db.collection('syncrejects').countDocuments({ identity: `wmwhse1|${key}|00001`, open: true });

await lake.insert(LINES, [line('first')]);
await sync('orderdetail');
beforeEach(() => {
  lake.advance(2 * 3_600_000);
});

describe('the reject of a row', () => {
  it('stays open when another row of the same key arrives: its delete, indexed later', async () => {
    const earlier = line('again');
    await lake.insert(LINES, [earlier]);
    await sync('orderdetail');
    lake.advance(1000);
    await lake.insert(LINES, [line('again', 'not a number')]);
    await sync('orderdetail');
    expect(await open('again')).toBe(1);
    // So late that no lookback reads the rejected row again.
    lake.advance(3 * 3_600_000);
    await lake.insert(LINES, [line('other')]);
    await sync('orderdetail');
    await lake.delete(LINES, { SERIALKEY: earlier.SERIALKEY });
    await sync('orderdetail');
    expect(await open('again')).toBe(1);
  });

  it('stays open on whichever page the other row comes', async () => {
    const earlier = line('paged');
    await lake.insert(LINES, [earlier]);
    await sync('orderdetail');
    lake.advance(1000);
    await lake.insert(LINES, [line('paged', 'not a number')]);
    lake.advance(1000);
    await lake.delete(LINES, { SERIALKEY: earlier.SERIALKEY });
    await sync('orderdetail', { batchSize: 1 });
    expect(await open('paged')).toBe(1);
  });

  it('stays open although the mark of the row before it is later', async () => {
    const earlier = line('marked');
    await lake.insert(LINES, [earlier]);
    await sync('orderdetail');
    lake.advance(60_000);
    await lake.delete(LINES, { SERIALKEY: earlier.SERIALKEY });
    await sync('orderdetail');
    const before = new Date(lake.now().getTime() - 30_000);
    await lake.insert(LINES, [line('marked', 'not a number')], { at: before });
    await sync('orderdetail');
    expect(await open('marked')).toBe(1);
  });

  it('is closed when the row itself is deleted', async () => {
    const bad = line('gone', 'not a number');
    await lake.insert(LINES, [bad]);
    await sync('orderdetail');
    expect(await open('gone')).toBe(1);
    lake.advance(1000);
    await lake.delete(LINES, { SERIALKEY: bad.SERIALKEY });
    await sync('orderdetail');
    expect(await open('gone')).toBe(0);
  });

  it('is closed when the row comes in a form that can be stored', async () => {
    const bad = line('mended', 'not a number');
    await lake.insert(LINES, [bad]);
    await sync('orderdetail');
    lake.advance(1000);
    await lake.edit(LINES, { SERIALKEY: bad.SERIALKEY }, { OPENQTY: '7' });
    await sync('orderdetail');
    expect(await open('mended')).toBe(0);
  });

  it('is closed when a later row takes the key over', async () => {
    await lake.insert(LINES, [line('taken', 'not a number')]);
    await sync('orderdetail');
    lake.advance(1000);
    await lake.insert(LINES, [line('taken')]);
    await sync('orderdetail');
    expect(await open('taken')).toBe(0);
  });
});
