import { expect, it } from 'vitest';
import { RECEIPT } from '../../dev/lake/wms/objects.js';
import { startBackend } from '../support/backend.js';

const RECEIPTS = RECEIPT.name;
/** The object with its columns in another letter case, and with columns that no definition knows. */
const spelled = (spell: (name: string) => string) => ({
  ...RECEIPT,
  identity: ['WHSEID', 'SERIALKEY'].map(spell),
  columns: [
    ...RECEIPT.columns.map((column) => ({ ...column, name: spell(column.name) })),
    { name: spell('Tenant_Own'), type: 'text' as const },
    { name: 'net.weight', type: 'text' as const },
    { name: '$cost', type: 'text' as const },
  ],
});
const row = (spell: (name: string) => string, serial: number) => ({
  [spell('SERIALKEY')]: serial,
  [spell('WHSEID')]: 'wmwhse1',
  [spell('RECEIPTKEY')]: `R${serial}`,
  [spell('OPENQTY')]: '2.50000',
  [spell('Tenant_Own')]: 'x',
  'net.weight': '1.5',
  $cost: '9',
});
const asIs = (name: string) => name;
const lower = (name: string) => name.toLowerCase();

const { lake, call, sync, db, config, expectEqual } = await startBackend({
  rows: 0,
  objects: [spelled(asIs)],
});
await call('init-sync-config', { body: {} });
const fieldsOf = async (key: string) => {
  const document = await db.collection('receipts').findOne({ _id: `wmwhse1|${key}` as never });
  return Object.keys(document ?? {}).sort();
};
const FIELDS = [
  '%24cost',
  'OPENQTY',
  'RECEIPTKEY',
  'SERIALKEY',
  'Tenant_Own',
  'WHSEID',
  '_id',
  '_lake',
  'net%2Eweight',
];

it('columns whose names MongoDB can not store are stored under an escape, with a warning', async () => {
  await lake.insert(RECEIPTS, [row(asIs, 1)]);
  const { stats, warnings } = await sync('receipt');
  expect(stats).toMatchObject({ insertedRecords: 1, errorRecords: 0 });
  expect(await fieldsOf('R1')).toEqual(FIELDS);
  expect(warnings).toContainEqual(
    expect.stringContaining('"$cost" as %24cost, "net.weight" as net%2Eweight'),
  );
  await expectEqual('receipt');
});

it('a change of letter case between runs makes no second field, but a warning', async () => {
  await lake.defineObject(spelled(lower));
  lake.advance(60_000);
  await lake.insert(RECEIPTS, [row(lower, 1), row(lower, 2)]);
  const { stats, warnings } = await sync('receipt');
  expect(stats).toMatchObject({ insertedRecords: 1, updatedRecords: 1 });
  for (const key of ['R1', 'R2']) expect(await fieldsOf(key)).toEqual(FIELDS);
  expect(warnings.join()).toContain('"openqty" as OPENQTY');
  expect(warnings.join()).toContain('"tenant_own" as Tenant_Own');
  expect(await config('receipt')).toMatchObject({
    columnNames: ['%24cost', 'Tenant_Own', 'net%2Eweight'],
  });
});

it('a row in other letter case is unchanged', async () => {
  const { stats } = await sync('receipt', { mode: 'full' });
  expect(stats).toMatchObject({ processedRecords: 2, unchangedRecords: 2 });
});

it('a delete marks the row under the same names', async () => {
  lake.advance(60_000);
  await lake.delete(RECEIPTS, 'serialkey = 2');
  await sync('receipt');
  const document = await db.collection('receipts').findOne({ _id: 'wmwhse1|R2' as never });
  expect(document).not.toHaveProperty('serialkey');
  expect(document).toMatchObject({ SERIALKEY: 2 });
});
