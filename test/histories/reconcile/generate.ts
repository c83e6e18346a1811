import fc from 'fast-check';
import { WAREHOUSES, type WmsCommand } from '../commands.js';
import { faults, record } from '../generate-faults.js';
import { insert, ordinary } from '../generate-wms.js';
import type {
  LakeTrouble,
  ReconcileCommand,
  ReconcileHistory,
  Tampering,
  Work,
} from './commands.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const pick = fc.nat(40);
const few = fc.integer({ min: 1, max: 3 });

const stepBack: fc.Arbitrary<WmsCommand> = record({
  do: fc.constant('stepBack' as const),
  share: fc.constantFrom(0.001, 0.3, 1),
});
/** Times that go back so far that no run but one that compares everything can notice. */
const goBack: fc.Arbitrary<WmsCommand> = record({
  do: fc.constant('goBack' as const),
  pick,
  what: fc.constantFrom('edit' as const, 'delete' as const),
  values: fc.constant({ text: 'from before' }),
  ms: fc.constantFrom(1, 3 * MINUTE, 100 * HOUR),
});

const change: fc.Arbitrary<WmsCommand> = fc.oneof(
  { weight: 30, arbitrary: ordinary },
  { weight: 2, arbitrary: stepBack },
  { weight: 1, arbitrary: goBack },
);

const moved = fc.constantFrom(-100 * HOUR, -MINUTE, -1, 1, MINUTE, 100 * HOUR);
const tampering: fc.Arbitrary<Tampering> = fc.oneof(
  { weight: 4, arbitrary: record({ do: fc.constant('remove' as const), pick, documents: few }) },
  {
    weight: 4,
    arbitrary: record({ do: fc.constant('moveVersion' as const), pick, ms: moved }),
  },
  { weight: 2, arbitrary: record({ do: fc.constant('changeSerialKey' as const), pick }) },
  { weight: 1, arbitrary: record({ do: fc.constant('disown' as const), pick }) },
  { weight: 4, arbitrary: record({ do: fc.constant('invent' as const), pick, documents: few }) },
  { weight: 1, arbitrary: record({ do: fc.constant('markDeleted' as const), pick }) },
  { weight: 1, arbitrary: record({ do: fc.constant('unmarkDeleted' as const), pick }) },
  { weight: 1, arbitrary: record({ do: fc.constant('dropCollection' as const) }) },
  {
    weight: 1,
    arbitrary: record({
      do: fc.constant('forwardWatermark' as const),
      ms: fc.constantFrom(MINUTE, 2 * HOUR),
    }),
  },
);

const work = fc.constantFrom<Work>('incremental', 'incremental', 'full', 'report', 'repair');
const reconciling = fc.constantFrom<Work>('report', 'repair', 'repair', 'repair');
const meanwhile = fc.array(
  record({
    nth: fc.integer({ min: 1, max: 24 }),
    change: ordinary.filter(
      (one) => one.do !== 'wait' || one.ms < 2 * HOUR,
    ) as fc.Arbitrary<WmsCommand>,
  }),
  { minLength: 1, maxLength: 4 },
);
const none = fc.constant([]);
const trouble: fc.Arbitrary<LakeTrouble> = fc.oneof(
  { weight: 3, arbitrary: record<LakeTrouble>({ faults: none, meanwhile: none }) },
  { weight: 3, arbitrary: record<LakeTrouble>({ faults: none, meanwhile }) },
  { weight: 1, arbitrary: record<LakeTrouble>({ faults, meanwhile: none }) },
  { weight: 1, arbitrary: record<LakeTrouble>({ faults, meanwhile }) },
);

const wms = record({ do: fc.constant('wms' as const), change });
const tamper = record({ do: fc.constant('tamper' as const), how: tampering });
/** Gives the comparison something to find. */
const spoil: fc.Arbitrary<ReconcileCommand> = fc.oneof(
  { weight: 5, arbitrary: wms },
  { weight: 5, arbitrary: tamper },
);
const pass: fc.Arbitrary<ReconcileCommand> = record({
  do: fc.constant('pass' as const),
  ms: fc.constantFrom(1, MINUTE, 29 * MINUTE, 31 * MINUTE, 31 * MINUTE, 26 * HOUR),
});
const other: fc.Arbitrary<ReconcileCommand> = fc.oneof(
  { weight: 6, arbitrary: record({ do: fc.constant('run' as const), work, trouble }) },
  { weight: 5, arbitrary: record({ do: fc.constant('freeze' as const), work }) },
  { weight: 3, arbitrary: record({ do: fc.constant('thaw' as const) }) },
  { weight: 3, arbitrary: record({ do: fc.constant('confirm' as const) }) },
  { weight: 1, arbitrary: record({ do: fc.constant('discard' as const) }) },
  {
    weight: 3,
    arbitrary: record({
      do: fc.constant('configure' as const),
      deleteMode: fc.constantFrom('soft' as const, 'hard' as const),
      whseid: fc.option(fc.subarray([...WAREHOUSES], { minLength: 1 }), { freq: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      do: fc.constant('lake' as const),
      microseconds: fc.boolean(),
      shuffled: fc.boolean(),
      maxPageRows: fc.constantFrom(2, 100_000),
      delay: fc.constantFrom(0, 0.01, 0.5, 0.99),
    }),
  },
);
const compare: fc.Arbitrary<ReconcileCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: record({ do: fc.constant('run' as const), work: reconciling, trouble }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: fc.constant('slice' as const),
      work: reconciling,
      looks: fc.integer({ min: 1, max: 90 }),
      trouble,
    }),
  },
);
const parts = <T>(of: fc.Arbitrary<T>, minLength: number, maxLength: number) =>
  fc.array(of, { minLength, maxLength });
const revive: fc.Arbitrary<ReconcileCommand> = record({
  do: fc.constant('wms' as const),
  change: record({
    do: fc.constant('revive' as const),
    pick: fc.constant(0),
    values: fc.constant({ text: 'again' }),
    late: fc.constantFrom(0, 0.5, 1),
  }),
});
const reconcile = (of: fc.Arbitrary<Work>) =>
  record({ do: fc.constant('run' as const), work: of, trouble });
/** Rows are gone long enough to be deleted, and at times come back, or a late worker has them in hand. */
const vanish: fc.Arbitrary<ReconcileCommand[]> = fc
  .tuple(
    parts(record({ do: fc.constant('freeze' as const), work: fc.constant<Work>('full') }), 0, 1),
    record({
      do: fc.constant('wms' as const),
      change: record({
        do: fc.constant('delete' as const),
        pick,
        rows: fc.constantFrom(1, 2),
        keysOnly: fc.constant(false),
        late: fc.constant(0),
      }),
    }),
    reconcile(fc.constantFrom<Work>('report', 'repair')),
    parts(revive, 0, 1),
    reconcile(fc.constant<Work>('repair')),
    parts(fc.oneof(revive, record({ do: fc.constant('thaw' as const) })), 0, 2),
  )
  .map(([frozen, gone, first, before, second, after]) => [
    ...frozen,
    gone,
    first,
    { do: 'pass', ms: 31 * MINUTE },
    ...before,
    second,
    ...after,
    { do: 'run', work: 'incremental', trouble: { faults: [], meanwhile: [] } },
  ]);

/** Something goes wrong, time passes or not, and a run is to find it. */
const block = fc
  .tuple(parts(spoil, 1, 3), parts(other, 0, 1), parts(pass, 0, 1), compare)
  .map(([spoils, others, passes, last]) => [...spoils, ...others, ...passes, last]);

/** How far the clock of a lake can be off that does not keep to the time. */
const aheadMs = fc.constantFrom(undefined, undefined, -24 * HOUR, -10 * MINUTE, 0, 10 * MINUTE);

/** Random histories of a table in which runs compare it with the lake, and somebody spoils it. */
export function reconcileHistories(tableIds: readonly string[]): fc.Arbitrary<ReconcileHistory> {
  const inserted = parts(
    insert.map(
      (one): ReconcileCommand => ({ do: 'wms', change: { ...one, rows: 6 } as WmsCommand }),
    ),
    1,
    3,
  );
  const firstRun: ReconcileCommand = {
    do: 'run',
    work: 'incremental',
    trouble: { faults: [], meanwhile: [] },
  };
  return fc
    .tuple(
      record({
        tableId: fc.constantFrom(...tableIds),
        lookback: fc.constantFrom(1, 30),
        smallSizes: fc.boolean(),
        commands: fc
          .tuple(
            fc.constantFrom('soft' as const, 'hard' as const),
            inserted,
            parts(
              fc.oneof({ weight: 3, arbitrary: block }, { weight: 1, arbitrary: vanish }),
              1,
              2,
            ),
          )
          .map(([deleteMode, inserts, blocks]): ReconcileCommand[] => [
            { do: 'configure', deleteMode, whseid: null },
            ...inserts,
            firstRun,
            ...blocks.flat(),
          ]),
      }),
      aheadMs,
    )
    .map(([history, ahead]) => (ahead === undefined ? history : { ...history, aheadMs: ahead }));
}
