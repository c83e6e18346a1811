import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SyncConfig } from '../../src/models/sync-config.js';
import { dueReconcile } from '../../src/sync/reconcile/due.js';
import { startBackend } from '../support/backend.js';

vi.setConfig({ testTimeout: 120_000 });
const MINUTE_MS = 60_000;
const now = new Date('2026-05-01T12:00:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * MINUTE_MS);
const due = (changes: Partial<SyncConfig>) =>
  dueReconcile({ watermark: now, reconcileFrequency: 60, ...changes } as SyncConfig, now).mode;

describe('a due run reconciles', () => {
  it.each<[string, Partial<SyncConfig>, 'reconcile' | undefined]>([
    ['where it never has', {}, 'reconcile'],
    ['where the last reconcile is as old as it may be', { lastReconcileAt: ago(60) }, 'reconcile'],
    ['not where it is younger', { lastReconcileAt: ago(59) }, undefined],
    [
      'where it is in the future, by a clock that has stepped back',
      { lastReconcileAt: ago(-5) },
      'reconcile',
    ],
    ['not where it is off', { reconcileFrequency: 0 }, undefined],
    ['not before the table has been read in full', { watermark: undefined as never }, undefined],
    ['not while a limited run has left something', { leftovers: {} as never }, undefined],
    ['not while a rebuild is unfinished', { rebuilding: true }, undefined],
  ])('%s', (_, changes, expected) => {
    expect(due(changes)).toBe(expected);
  });

  it('not where the configuration is from before there were reconciles', () => {
    expect(dueReconcile({ watermark: now } as SyncConfig, now)).toEqual({});
  });

  it('and repairs where the configuration says so', () => {
    const config = { watermark: now, reconcileFrequency: 60 } as SyncConfig;
    expect(dueReconcile(config, now).repair).toBe(false);
    expect(dueReconcile({ ...config, reconcileRepair: true }, now).repair).toBe(true);
  });
});

describe('the schedule', async () => {
  const { lake, call, sync, config, configure, db } = await startBackend(
    { rows: 50 },
    {},
    { emptyPagePauseMs: 5 },
  );
  await call('init-sync-config', { body: {} });
  const configs = db.collection('syncconfigs');
  const far = new Date(Date.now() + 3_600_000);
  /** A pass in which only this table is due. @returns the job that it has run */
  async function pass(tableId: string) {
    await configs.updateMany({}, { $set: { nextRunAt: far } });
    await configs.updateOne({ tableId }, { $set: { nextRunAt: new Date(0) } });
    await call('sync-run-due', { body: {} });
    const sort = { 'stats.startTime': -1 } as const;
    return (await db.collection('syncjobs').findOne({ tableId }, { sort })) as Record<
      string,
      unknown
    >;
  }

  beforeEach(() => {
    lake.clearFaults();
    lake.advance(3_600_000);
  });

  it('reconciles a table after its first full run, and not again before its time', async () => {
    const first = await pass('receipt');
    expect({ mode: first.mode, reconcile: first.reconcile }).toEqual({ mode: 'full' });
    const second = await pass('receipt');
    expect(second).toMatchObject({
      trigger: 'schedule',
      status: 'completed',
      reconcile: { repair: false, result: { verdict: 'equal' } },
    });
    expect(await pass('receipt')).not.toHaveProperty('reconcile');
    expect((await config('receipt')).lastReconcileAt).toBeInstanceOf(Date);
  });

  it('only reports, unless the configuration has it repair', async () => {
    const rows = db.collection('receipts');
    const newest = { SERIALKEY: 900_001, WHSEID: 'wmwhse1', RECEIPTKEY: 'newest' };
    await lake.insert('CSWMS_wmwhse_RECEIPT', [newest]);
    await sync('receipt');
    const removed = await rows.findOne({ RECEIPTKEY: { $ne: 'newest' } });
    if (!removed) throw new Error('no row');
    await rows.deleteOne({ _id: removed._id });
    const unset = { $unset: { lastReconcileAt: '' } } as const;
    await configs.updateOne({ tableId: 'receipt' }, unset);
    await pass('receipt');
    expect(await rows.findOne({ _id: removed._id })).toBeNull();
    await configs.updateOne({ tableId: 'receipt' }, unset);
    await configure('receipt', { reconcileRepair: true });
    await pass('receipt');
    expect(await rows.findOne({ _id: removed._id })).not.toBeNull();
  });

  it('counts a reconcile that somebody starts, and none of another kind', async () => {
    await sync('orders');
    expect(await config('orders')).not.toHaveProperty('lastReconcileAt');
    await sync('orders', { mode: 'reconcile' });
    expect(await config('orders')).toHaveProperty('lastReconcileAt');
    expect(await pass('orders')).not.toHaveProperty('reconcile');
  });

  it('does not repeat a reconcile that fails: the next run reads what is new', async () => {
    await sync('orderdetail');
    lake.fault({ kind: 'failed', sql: 'ROW_COUNT', every: 1, word: 'SYNTAX_ERROR: line 1:8' });
    const failed = await pass('orderdetail');
    expect(failed).toMatchObject({ status: 'failed', reconcile: { repair: false } });
    lake.clearFaults();
    const next = await pass('orderdetail');
    expect(next.status).toBe('completed');
    expect(next).not.toHaveProperty('reconcile');
  });

  it('leaves a table alone whose configuration is from before there were reconciles', async () => {
    await configs.updateOne(
      { tableId: 'receiptdetail' },
      {
        $unset: { reconcileFrequency: '', reconcileRepair: '' },
      },
    );
    await sync('receiptdetail');
    expect(await pass('receiptdetail')).not.toHaveProperty('reconcile');
    const { body } = await call('sync-config', { query: { tableId: 'receiptdetail' } });
    expect(body).toMatchObject({ reconcileFrequency: 0, reconcileRepair: false });
  });
});
