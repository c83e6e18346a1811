import { beforeEach, expect, it, vi } from 'vitest';
import { startBackend } from '../support/backend.js';
import { LOCAL, startReceiver } from './receiver.js';

vi.setConfig({ testTimeout: 120_000 });
const RECEIPTS = 'CSWMS_wmwhse_RECEIPT';
const backend = await startBackend({ rows: 0 }, LOCAL, { emptyPagePauseMs: 5 });
const { lake, call, sync, db } = backend;
await call('init-sync-config', { body: {} });
const receiver = await startReceiver(backend);
const receipt = (serial: number) => ({
  ...{ SERIALKEY: serial, WHSEID: 'wmwhse1', RECEIPTKEY: `key-${serial}` },
});
const reconcile = (repair: boolean) => sync('receipt', { mode: 'reconcile', repair, wait: 45 });

// Ten index times, the last so late that a run reads only that one again.
for (let serial = 1; serial <= 10; serial++) {
  await lake.insert(RECEIPTS, [receipt(serial)]);
  lake.advance(serial === 9 ? 7_200_000 : 60_000);
}
await sync('receipt');

beforeEach(() => {
  receiver.seen.length = 0;
});

it('differences are told with their number, and that they are repaired', async () => {
  await db.collection('receipts').deleteOne({ RECEIPTKEY: 'key-1' });
  const { jobId, historyId } = await reconcile(false);
  expect(receiver.received()).toEqual([
    {
      event: 'differences',
      tableId: 'receipt',
      tableName: 'Receipt',
      message: expect.any(String),
      at: expect.any(String),
      ...{ jobId, historyId },
      details: expect.objectContaining({ remaining: 1, missing: 1 }),
    },
  ]);
  await reconcile(false);
  expect(receiver.events()).toEqual(['differences']);
  await reconcile(true);
  expect(receiver.events()).toEqual(['differences', 'recovered: differences']);
});

it('deletes that are held are told with their number, and that none is any more', async () => {
  for (let serial = 1; serial <= 6; serial++) await lake.delete(RECEIPTS, { SERIALKEY: serial });
  await reconcile(true);
  const absentSince = new Date(Date.now() - 86_400_000);
  await db.collection('syncdifferences').updateMany({ kind: 'extra' }, { $set: { absentSince } });
  await reconcile(true);
  expect(receiver.events()).toEqual(['differences', 'deletes_held']);
  expect(receiver.received()[1]?.details).toEqual({ held: 6 });
  const { body } = await call('sync-reconcile', { query: { tableId: 'receipt' } });
  const { hash } = body.heldDeletes as { hash: string };
  await call('sync-control', { body: { action: 'confirm-deletes', tableId: 'receipt', hash } });
  await reconcile(false);
  expect(receiver.events().slice(2).sort()).toEqual([
    'recovered: deletes_held',
    'recovered: differences',
  ]);
});
