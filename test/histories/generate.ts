import fc from 'fast-check';
import type { Command, History, SettingsCommand } from './commands.js';
import { record } from './generate-faults.js';
import { anyRun, ordinaryRun, someWarehouses } from './generate-runs.js';
import { insert, insertMany, odd, ordinary } from './generate-wms.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const settings: fc.Arbitrary<SettingsCommand> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        do: fc.constant('configure' as const),
        whseid: fc.option(someWarehouses),
        deleteMode: fc.constantFrom('soft' as const, 'hard' as const),
        maxRecords: fc.constantFrom(0, 2, 3, 5, 8),
        batchSize: fc.constantFrom(1, 2, 3, 7),
        moreLookback: fc.constantFrom(0, 1, 600),
        initialSync: fc.constant(true as const),
      },
      { requiredKeys: ['do'], noNullPrototype: true },
    ),
  },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constant('lake' as const),
      microseconds: fc.boolean(),
      shuffled: fc.boolean(),
      maxPageRows: fc.constantFrom(2, 100_000),
    }),
  },
  { weight: 2, arbitrary: record({ do: fc.constant('loseResults' as const) }) },
  { weight: 1, arbitrary: record({ do: fc.constant('expireTokens' as const) }) },
);

const oddSettings: fc.Arbitrary<SettingsCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: record({
      do: fc.constant('misbehave' as const),
      pastEnd: fc.constantFrom('empty', '400', '404', '416', 'notAList'),
      refuseTotals: fc.boolean(),
      delay: fc.constantFrom(0, 0.01, 0.5, 1),
    }),
  },
  { weight: 2, arbitrary: record({ do: fc.constant('emptyTarget' as const) }) },
  { weight: 1, arbitrary: record({ do: fc.constant('forwardWatermark' as const) }) },
);

const ordinaryCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 50, arbitrary: ordinary },
  { weight: 36, arbitrary: ordinaryRun },
  { weight: 14, arbitrary: settings },
);

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 34, arbitrary: ordinary },
  { weight: 8, arbitrary: odd },
  { weight: 40, arbitrary: anyRun },
  { weight: 10, arbitrary: settings },
  { weight: 8, arbitrary: oddSettings },
);

/** How far the clock of a lake can be off that does not keep to the time. */
const aheadMs = fc.constantFrom(
  ...[undefined, undefined, undefined, -24 * HOUR, -10 * MINUTE, 10 * MINUTE, 3 * HOUR],
);

/** Random histories of the given tables, most of them of a lake that behaves as it should. */
export function histories(tableIds: readonly string[]): fc.Arbitrary<History> {
  const about = {
    tableId: fc.constantFrom(...tableIds),
    lookback: fc.constantFrom(1, 30),
    smallSizes: fc.boolean(),
  };
  const commands = (first: fc.Arbitrary<Command>, then: fc.Arbitrary<Command>) =>
    fc
      .tuple(fc.array(first, { maxLength: 2 }), fc.array(then, { maxLength: 40, size: 'max' }))
      .map((parts) => parts.flat());
  return fc.oneof(
    {
      weight: 3,
      arbitrary: record<History>({ ...about, commands: commands(insert, ordinaryCommand) }),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(record({ ...about, commands: commands(insertMany, anyCommand) }), aheadMs)
        .map(([history, ahead]) =>
          ahead === undefined ? history : { ...history, aheadMs: ahead },
        ),
    },
  );
}
