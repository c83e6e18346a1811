import { describe, expect, it } from 'vitest';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { SyncRequest } from '../../src/sync/plan.js';
import { NOW, neverSynced, plan, rest, SHAPE, synced, WATERMARK } from './planned.js';

describe('the mode of a run', () => {
  it.each<[string, SyncConfig, SyncRequest, string, string | undefined]>([
    ['of a synced table', synced(), {}, 'incremental', undefined],
    ['of a table without watermark', neverSynced(), {}, 'full', 'no_watermark'],
    [
      'asked to be incremental without watermark',
      neverSynced(),
      { mode: 'incremental' },
      'full',
      'no_watermark',
    ],
    ['asked to be incremental', synced(), { mode: 'incremental' }, 'incremental', undefined],
    ['asked to be full', synced(), { mode: 'full' }, 'full', 'requested'],
    [
      'whose configuration asks for everything',
      synced({ initialSync: true }),
      {},
      'full',
      'initial_sync',
    ],
    ['whose columns have changed', synced({ shapeHash: 'other' }), {}, 'full', 'columns_changed'],
    [
      'whose columns were never recorded',
      (({ shapeHash: _, ...c }) => c)(synced()),
      {},
      'full',
      'columns_changed',
    ],
    ['for a covered warehouse', synced(), { whseid: ['wmwhse1'] }, 'incremental', undefined],
    [
      'for a warehouse of the list',
      synced({ options: { whseid: ['a', 'b'] } }),
      { whseid: ['b'] },
      'incremental',
      undefined,
    ],
    [
      'for one beside the list',
      synced({ options: { whseid: ['a'] } }),
      { whseid: ['a', 'b'] },
      'full',
      'warehouse_not_covered',
    ],
    ['with a start date', synced(), { startDate: '2025-01-01' }, 'backfill', undefined],
    ['with an end date', neverSynced(), { endDate: '2025-01-01' }, 'backfill', undefined],
  ])('%s', (_name, config, request, mode, modeReason) => {
    const planned = plan(config, request);
    expect({ mode: planned.mode, modeReason: planned.modeReason }).toEqual({ mode, modeReason });
  });
});

describe('the range of a run', () => {
  it('begins the lookback before the watermark', () => {
    expect(plan(synced({ lookbackMinutes: 45 })).range).toEqual({
      from: new Date('2026-01-10T11:15:00.000Z'),
    });
  });

  it.each<[string, SyncRequest]>([
    ['full', { mode: 'full' }],
    ['backfill', { startDate: '2025-01-01' }],
  ])('has no bound of index time in a %s run', (_mode, request) => {
    expect(plan(synced(), request).range).toEqual({});
  });

  it('freezes the watermark that the run starts from', () => {
    expect(plan(synced()).watermarkBefore).toEqual(WATERMARK);
    expect(plan(neverSynced())).not.toHaveProperty('watermarkBefore');
  });
});

describe('the scope of a run', () => {
  it.each<[string, SyncConfig, SyncRequest, object]>([
    ['all warehouses', synced(), {}, { own: true }],
    ['one of all', synced(), { whseid: ['a'] }, { own: false, whseids: ['a'] }],
    [
      "the configuration's own",
      synced({ options: { whseid: ['a', 'b'] } }),
      {},
      { own: true, whseids: ['a', 'b'] },
    ],
    [
      'the same in another order',
      synced({ options: { whseid: ['a', 'b'] } }),
      { whseid: ['b', 'a'] },
      { own: true, whseids: ['b', 'a'] },
    ],
    [
      'fewer',
      synced({ options: { whseid: ['a', 'b'] } }),
      { whseid: ['a'] },
      { own: false, whseids: ['a'] },
    ],
    [
      'more',
      synced({ options: { whseid: ['a'] } }),
      { whseid: ['a', 'b'] },
      { own: false, whseids: ['a', 'b'] },
    ],
    [
      'another case, which is another warehouse',
      synced({ options: { whseid: ['a'] } }),
      { whseid: ['A'] },
      { own: false, whseids: ['A'] },
    ],
    [
      'a day',
      synced(),
      { startDate: '2025-12-31', endDate: '2025-12-31' },
      {
        own: false,
        date: {
          column: 'ADDDATE',
          from: new Date('2025-12-31T00:00:00Z'),
          until: new Date('2026-01-01T00:00:00Z'),
        },
      },
    ],
    [
      'from a moment of another column',
      synced(),
      { startDate: '2025-12-31T10:00:00Z', dateColumn: 'editdate' },
      {
        own: false,
        date: { column: 'EDITDATE', from: new Date('2025-12-31T10:00:00Z') },
      },
    ],
  ])('%s', (_name, config, request, scope) => {
    expect(plan(config, request).scope).toEqual(scope);
  });
});

describe('the limit of a run', () => {
  const limited = synced({ maxRecords: 7 });
  it.each<[string, SyncConfig, SyncRequest, { rows: number; keepRest: boolean }]>([
    ['none', synced(), {}, { rows: 0, keepRest: true }],
    ["the configuration's, whose rest is kept", limited, {}, { rows: 7, keepRest: true }],
    [
      "the request's, whose rest is not kept",
      limited,
      { maxRecords: 3 },
      { rows: 3, keepRest: true },
    ],
    ['none where the request says 0', limited, { maxRecords: 0 }, { rows: 0, keepRest: true }],
    ['none for another scope', limited, { whseid: ['a'] }, { rows: 0, keepRest: false }],
    ['none for a backfill', limited, { startDate: '2025-01-01' }, { rows: 0, keepRest: false }],
  ])('%s', (_name, config, request, limit) => {
    expect(plan(config, request).limit).toEqual(limit);
  });
});

describe('the rest of an earlier run', () => {
  it('is finished first, under its own range and through its own view', () => {
    const leftovers = rest({ deleteFlag: false });
    expect(plan(synced({ leftovers }))).toMatchObject({
      mode: 'incremental',
      modeReason: 'rest_of_earlier_run',
      deleteFlag: false,
      range: { from: leftovers.from, ceiling: leftovers.ceiling },
      leftovers,
    });
  });

  it('of a full run is a full run without a lower bound', () => {
    const { from: _, ...leftovers } = rest({ mode: 'full' });
    expect(plan(synced({ leftovers }))).toMatchObject({
      mode: 'full',
      range: { ceiling: leftovers.ceiling },
    });
  });

  it('is read although the initial sync waits for a warehouse without rows', () => {
    const config = synced({ leftovers: rest(), initialSync: true, emptyWarehouses: ['w'] });
    expect(plan(config)).toMatchObject({ modeReason: 'rest_of_earlier_run' });
  });

  it('is read as far as the limit of a request goes', () => {
    const leftovers = rest();
    expect(plan(synced({ leftovers }), { maxRecords: 5 })).toMatchObject({
      leftovers,
      limit: { rows: 5, keepRest: true },
    });
  });

  it('of the very first run is finished too: else that run would begin anew for ever', () => {
    const { from: _, ...leftovers } = rest({ mode: 'full' });
    expect(plan(neverSynced({ leftovers, maxRecords: 40 }))).toMatchObject({
      modeReason: 'rest_of_earlier_run',
      leftovers,
    });
  });

  it.each<[string, Partial<SyncConfig>, SyncRequest]>([
    ['a full run is asked for', {}, { mode: 'full' }],
    ['the run is for one warehouse', {}, { whseid: ['a'] }],
    ['the run is a backfill', {}, { startDate: '2025-01-01' }],
    ['the columns have changed since', { leftovers: rest({ shapeHash: 'other' }) }, {}],
    ['everything is to be read anew', { initialSync: true }, {}],
  ])('waits, or is read over again, where %s', (_name, changes, request) => {
    expect(plan(synced({ leftovers: rest(), ...changes }), request)).not.toHaveProperty(
      'leftovers',
    );
  });
});

describe('settings of a run', () => {
  it('come from the request, else from the configuration', () => {
    expect(plan(synced({ batchSize: 11 })).batchSize).toBe(11);
    expect(plan(synced({ batchSize: 11 }), { batchSize: 12 }).batchSize).toBe(12);
    expect(plan(synced()).deleteMode).toBe('soft');
    expect(plan(synced({ options: { deleteMode: 'hard' } })).deleteMode).toBe('hard');
  });

  it('freeze what the watermark rests on', () => {
    const config = synced({ options: { whseid: ['a'] } });
    expect(plan(config).hashes).toEqual({
      scope: config.scopeHash,
      shape: SHAPE,
      source: 'source',
    });
  });
});

function refusalOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('a request that contradicts itself is refused, by the name of the field:', () => {
  it.each<[SyncRequest, string]>([
    [{ mode: 'full', startDate: '2025-01-01' }, 'mode'],
    [{ mode: 'incremental', endDate: '2025-01-01' }, 'mode'],
    [{ mode: 'backfill' }, 'startDate'],
    [{ dateColumn: 'EDITDATE' }, 'dateColumn'],
    [{ startDate: '2025-01-01', dateColumn: 'SKU' }, 'dateColumn'],
    [{ startDate: '2025-01-01', dateColumn: 'constructor' }, 'dateColumn'],
    [{ startDate: '2025-01-01', dateColumn: 'EDITDATE"; --' }, 'dateColumn'],
    [{ startDate: '2025-02-30' }, 'startDate'],
    [{ endDate: 'yesterday' }, 'endDate'],
    [{ startDate: '2025-01-02', endDate: '2025-01-01' }, 'startDate'],
  ])('%j', (request, field) => {
    const refusal = refusalOf(() => plan(synced(), request));
    expect(refusal).toMatchObject({ code: 'VALIDATION_FAILED', details: [{ field }] });
  });
});

describe('what makes a run a full one although it was synced before', () => {
  it.each<[string, Parameters<typeof plan>, string | undefined]>([
    ['nothing', [synced()], undefined],
    [
      'a watermark in the future',
      [synced({ watermark: new Date(NOW.getTime() + 1) })],
      'watermark_in_future',
    ],
    ['a watermark of this very moment does not', [synced({ watermark: NOW })], undefined],
    ['an empty collection', [synced(), {}, { isEmpty: true }], 'target_empty'],
    ['a rebuild', [synced(), { mode: 'full', rebuild: true }], 'rebuild'],
    [
      'an initial sync that only a warehouse without rows is missing of does not',
      [synced({ initialSync: true, emptyWarehouses: ['w'] })],
      undefined,
    ],
  ])('%s', (_name, input, reason) => {
    expect(plan(...input)).toMatchObject({ mode: reason ? 'full' : 'incremental' });
    expect(plan(...input).modeReason).toBe(reason);
  });
});

describe('a plan', () => {
  const facts = { columns: ['SERIALKEY'], deletes: 'told' as const };

  it('looks at the object first where nothing is known of it, and before everything is read', () => {
    expect(plan(synced()).phase).toBe('learning');
    expect(plan(synced({ lakeObject: facts })).phase).toBe('counting');
    expect(plan(synced({ lakeObject: facts }), { mode: 'full' }).phase).toBe('learning');
  });

  it('reads deletes by what is known of the object', () => {
    expect(plan(synced({ deleteFlag: false, lakeObject: facts })).deleteFlag).toBe(true);
    const untold = { ...facts, deletes: 'not_maintained' as const };
    expect(plan(synced({ deleteFlag: true, lakeObject: untold })).deleteFlag).toBe(false);
  });

  it('asks for totals, unless the lake has refused them within a week', () => {
    const ago = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
    expect(plan(synced()).totals).toBe(true);
    expect(plan(synced({ totalsRefusedAt: ago(6.9) })).totals).toBe(false);
    expect(plan(synced({ totalsRefusedAt: ago(7) })).totals).toBe(true);
  });

  it('has the epoch of the table, a rebuild the next one', () => {
    expect(plan(synced()).epoch).toBe(0);
    expect(plan(synced({ epoch: 3 })).epoch).toBe(3);
    expect(plan(synced({ epoch: 3 }), { mode: 'full', rebuild: true }).epoch).toBe(4);
  });

  it('takes a warehouse that is named twice for one', () => {
    const { scope } = plan(synced({ options: { whseid: ['b', 'a'] } }), {
      whseid: ['a', 'b', 'a'],
    });
    expect(scope).toEqual({ own: true, whseids: ['a', 'b'] });
  });
});
