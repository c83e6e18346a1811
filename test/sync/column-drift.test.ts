import { describe, expect, it } from 'vitest';
import type { SyncConfig } from '../../src/models/sync-config.js';
import { driftOf } from '../../src/sync/column-drift.js';
import type { ListedKind } from '../../src/tables/column-kinds.js';
import { LOCAL, startReceiver } from '../alerts/receiver.js';
import { startBackend } from '../support/backend.js';

const backend = await startBackend({ rows: 20 }, LOCAL);
const { call, db, lake, sync } = backend;
const receiver = await startReceiver(backend);
await call('init-sync-config', { body: {} });
const OBJECT = 'CSWMS_wmwhse_ORDERS';

const drift = async () => {
  const { body } = await call('sync-stats', { query: { tableId: 'orders' } });
  return body.drift;
};
const told = () => receiver.received().filter(({ event }) => event === 'columns_changed');
const fullRun = () => sync('orders', { mode: 'full' });

describe('the drift report', () => {
  it('is empty after the first runs, which learn what there is', async () => {
    await fullRun();
    await fullRun();
    expect(await drift()).toEqual([]);
    expect(told()).toEqual([]);
  });

  it('keeps a column that appears, since when, and alerts once', async () => {
    await lake.addColumn(OBJECT, { name: 'NEWCOLUMN', type: 'text' });
    await fullRun();
    const report = await drift();
    const firstSeenAt = expect.stringMatching(/Z$/);
    expect(report).toEqual([{ column: 'NEWCOLUMN', change: 'appeared', firstSeenAt }]);
    await fullRun();
    expect(await drift()).toEqual(report);
    expect(told().map(({ message }) => message)).toEqual([
      expect.stringContaining('NEWCOLUMN appeared'),
    ]);
    expect(String((await call('metrics')).body)).toContain(
      'datalake_sync_column_changes{table="orders"} 1\n',
    );
  });

  it('keeps a column that changes its kind, and one that disappears', async () => {
    const kinds = (await db.collection('syncconfigs').findOne({ tableId: 'orders' }))?.lakeKinds;
    const { column, kind } = (kinds as ListedKind[]).find((one) => one.kind === 'date') ?? {};
    const earlier = (kinds as ListedKind[]).map((one) =>
      one.column === column ? { column, kind: 'number' } : one,
    );
    // As if the lake had listed them before.
    const lakeKinds = { lakeKinds: earlier };
    await db
      .collection('syncconfigs')
      .updateOne(
        { tableId: 'orders' },
        { $set: lakeKinds, $push: { 'lakeObject.columns': 'OLDCOLUMN' } as never },
      );
    await fullRun();
    expect(await drift()).toMatchObject([
      { column: 'OLDCOLUMN', change: 'disappeared' },
      { column, change: 'kind_changed', from: 'number', to: kind },
      { column: 'NEWCOLUMN', change: 'appeared' },
    ]);
  });
});

describe('driftOf', () => {
  const object = (...columns: string[]) => ({ columns, deletes: 'told' as const });
  const at = new Date(0);

  it('compares nothing where either has no list', () => {
    expect(driftOf({}, { lakeObject: object('A') }, at).news).toEqual([]);
    expect(driftOf({ lakeObject: object('A') }, {}, at).news).toEqual([]);
  });

  it('does not tell spellings apart, and replaces what it knew of a column', () => {
    const known: Pick<SyncConfig, 'lakeObject' | 'drift'> = {
      lakeObject: object('A', 'B'),
      drift: [{ column: 'B', change: 'appeared', firstSeenAt: at }],
    };
    const { news, set } = driftOf(known, { lakeObject: object('a') }, at);
    expect(news).toEqual([{ column: 'B', change: 'disappeared', firstSeenAt: at }]);
    expect(set.drift).toEqual(news);
  });

  it('keeps a bounded number of columns', () => {
    const many = Array.from({ length: 300 }, (_, index) => `C${index}`);
    const { set } = driftOf({ lakeObject: object('A') }, { lakeObject: object(...many) }, at);
    expect(set.drift).toHaveLength(200);
  });
});
