import type { mongo } from 'mongoose';
import type { RowDocument } from '../../src/models/row.js';
import { setBackAbsences } from '../demo/absences.js';
import { ORDERS, RECEIPT, RECEIPTDETAIL } from '../lake/wms/objects.js';
import type { Scene } from './scene.js';

const KEYLESS = { SERIALKEY: 90_000_001, WHSEID: 'wmwhse1', RECEIPTKEY: null };
const WEIGHT = { name: 'EXT_WEIGHT', type: 'text' } as const;
const UNREADABLE = { WHSEID: 'wmwhse1', SERIALKEY: 1 };
/** A warehouse that each lake has. */
const LOST = 'wmwhse2';
const DAY_MS = 86_400_000;

/** Orders: a few runs of which one has failed, none of them compared with the lake. */
export async function runOrders({ lake, sync, call }: Scene): Promise<string> {
  await sync('orders');
  await lake.edit(ORDERS.name, 'SERIALKEY % 48 = 3', { STATUS: '95' });
  lake.fault({ kind: 'failed', every: 1, word: 'Query exhausted its memory.' });
  await call('sync-table', { body: { tableId: 'orders' } });
  lake.clearFaults();
  await sync('orders');
  await lake.edit(ORDERS.name, 'SERIALKEY % 48 = 9', { STATUS: '95' });
  await sync('orders');
  return 'four runs, of which one failed; reconcile it, and read its certificate';
}

/** Receipt: a row without a key, and a value that could not be read and has been corrected since. */
export async function rejectReceipts({ lake, sync, configure }: Scene): Promise<string> {
  await lake.addColumn(RECEIPT.name, WEIGHT);
  await lake.edit(RECEIPT.name, 'SERIALKEY % 2 = 0', { [WEIGHT.name]: '12.500' });
  await lake.edit(RECEIPT.name, UNREADABLE, { [WEIGHT.name]: 'about 12 kg' });
  await lake.insert(RECEIPT.name, [KEYLESS]);
  await configure('receipt', { options: { columns: { [WEIGHT.name]: 'number' } } });
  await sync('receipt');
  await lake.edit(RECEIPT.name, UNREADABLE, { [WEIGHT.name]: '12.000' });
  return `two rejects: a row without a key, and "about 12 kg" in ${WEIGHT.name}, which has been corrected in the lake since; retry them`;
}

/** Receipt Detail: most rows of a warehouse are missing from the lake, so their deletes are held. */
export async function holdDeletes({ lake, db, sync }: Scene): Promise<string> {
  const tableId = 'receiptdetail';
  await sync(tableId);
  const [kept] = await lake.rows(RECEIPTDETAIL.name, { where: { WHSEID: LOST } });
  // With a row that is left the absence of the others is proven quickly.
  const others = `WHSEID = '${LOST}' AND SERIALKEY <> ${Number(kept?.SERIALKEY)}`;
  const hidden = await lake.hide(RECEIPTDETAIL.name, others);
  const reconcile = { mode: 'reconcile', repair: true };
  await sync(tableId, reconcile);
  await setBackAbsences(db, tableId);
  await sync(tableId, reconcile);
  return `the lake has lost ${hidden} rows of ${LOST}; their deletes are held until you confirm or discard them`;
}

/** Order Detail: two documents have been changed in MongoDB, which a reconcile has found. */
export async function differ({ db, sync }: Scene): Promise<string> {
  const tableId = 'orderdetail';
  await sync(tableId);
  await tamper(db.collection<RowDocument>('orderdetails'));
  await sync(tableId, { mode: 'reconcile' });
  return 'two documents differ from the lake; reconcile it with repair';
}

/** Removes one document, and puts an older version in place of another. */
async function tamper(rows: mongo.Collection<RowDocument>): Promise<void> {
  const live = { '_lake.deletedAt': { $exists: false } };
  const oldest = rows.find(live).sort({ '_lake.modifiedAt': 1 }).limit(2);
  const [removed, older] = await oldest.toArray();
  if (!removed || !older) throw new Error('Order Detail has too few documents.');
  await rows.deleteOne({ _id: removed._id });
  const modifiedAt = new Date(older._lake.modifiedAt.getTime() - DAY_MS);
  const changes = { '_lake.modifiedAt': modifiedAt, STATUS: '?' };
  await rows.updateOne({ _id: older._id }, { $set: changes });
}
