import fc from 'fast-check';
import {
  type Command,
  type History,
  type Request,
  type RunCommand,
  type SettingsCommand,
  type Values,
  WAREHOUSES,
  type WmsCommand,
} from './commands.js';
import { faults, record } from './generate-faults.js';

const pick = fc.nat(40);
const late = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(0.0001, 0.1, 0.5, 0.99, 1) },
);
const few = fc.integer({ min: 1, max: 3 });
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const values: fc.Arbitrary<Values> = fc.record(
  {
    text: fc.constantFrom(null, '', ' ', '0', '95', 'Größe 5'),
    number: fc.constantFrom(null, '0.00000', '2.50000', '-0.00001', '12345678901234567.12345'),
    date: fc.constantFrom(null, '2025-11-01T10:00:00.000Z', '0001-01-01T00:00:00.000Z'),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** Dates that rows are added at; the ranges of the backfills begin and end at them. */
const added = fc.constantFrom(
  'now' as const,
  null,
  '2019-05-05T00:00:00.000Z',
  '2025-12-31T23:59:59.999Z',
  '2026-01-01T00:00:00.000Z',
);

const insert: fc.Arbitrary<WmsCommand> = record({
  do: fc.constant('insert' as const),
  warehouse: pick,
  rows: fc.oneof({ weight: 4, arbitrary: few }, { weight: 1, arbitrary: fc.constant(9) }),
  values,
  added,
  late,
});

const wms: fc.Arbitrary<WmsCommand> = fc.oneof(
  { weight: 8, arbitrary: insert },
  {
    weight: 8,
    arbitrary: record({ do: fc.constant('edit' as const), pick, rows: few, values, late }),
  },
  {
    weight: 6,
    arbitrary: record({
      do: fc.constant('delete' as const),
      pick,
      rows: few,
      keysOnly: fc.boolean(),
      late,
    }),
  },
  { weight: 4, arbitrary: record({ do: fc.constant('revive' as const), pick, values, late }) },
  {
    weight: 8,
    arbitrary: record({
      do: fc.constant('reuse' as const),
      pick,
      first: fc.constantFrom('delete' as const, 'insert' as const),
      gapMs: fc.constantFrom(0, 1, SECOND, HOUR),
      thenDelete: fc.boolean(),
      late,
    }),
  },
  { weight: 1, arbitrary: record({ do: fc.constant('collide' as const), pick }) },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constant('settle' as const),
      pick,
      gone: fc.constantFrom('older' as const, 'newer' as const),
    }),
  },
  {
    weight: 12,
    arbitrary: record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 2, SECOND, MINUTE, 29 * MINUTE, 2 * HOUR, 21 * HOUR, 72 * HOUR),
    }),
  },
);

const batchSize = fc.constantFrom(1, 2, 3, 7, 5000);
const someWarehouses = fc.subarray([...WAREHOUSES], { minLength: 1 });
const day = fc.constantFrom('2019-05-05', '2025-12-31', '2026-01-01', '2026-01-01T00:00:00.000Z');
const optional = { requiredKeys: [], noNullPrototype: true } satisfies fc.RecordConstraints;

const request: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ mode: fc.constant('incremental' as const), batchSize }, optional),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      { mode: fc.constant('full' as const), batchSize },
      { requiredKeys: ['mode'], noNullPrototype: true },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      { whseid: someWarehouses, batchSize, mode: fc.constant('full' as const) },
      { requiredKeys: ['whseid'], noNullPrototype: true },
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ startDate: day, endDate: day, batchSize }, optional)
      .filter(({ startDate, endDate }) => !startDate || !endDate || startDate <= endDate)
      .map((range) => ({ ...range, mode: 'backfill' as const }))
      .filter(({ startDate, endDate }) => Boolean(startDate ?? endDate)),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { maxRecords: fc.nat(6), batchSize, mode: fc.constant('full' as const) },
      { requiredKeys: ['maxRecords'], noNullPrototype: true },
    ),
  },
);

const run: fc.Arbitrary<RunCommand> = fc.oneof(
  { weight: 14, arbitrary: record({ do: fc.constant('sync' as const), request, faults }) },
  {
    weight: 10,
    arbitrary: record({
      do: fc.constant('slice' as const),
      request,
      looks: fc.integer({ min: 1, max: 60 }),
      faults,
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constant('haste' as const),
      request,
      ms: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: fc.constant('stuck' as const),
      request,
      nth: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constant('race' as const),
      requests: fc.array(request, { minLength: 2, maxLength: 3 }),
      faults,
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constant('crowd' as const),
      request,
      workers: fc.integer({ min: 2, max: 3 }),
      steal: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: record({ do: fc.constant('cancel' as const) }) },
  { weight: 2, arbitrary: record({ do: fc.constant('verify' as const) }) },
);

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

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 50, arbitrary: wms },
  { weight: 36, arbitrary: run },
  { weight: 14, arbitrary: settings },
);

/** Random histories of the given tables. */
export function histories(tableIds: readonly string[]): fc.Arbitrary<History> {
  return record<History>({
    tableId: fc.constantFrom(...tableIds),
    lookback: fc.constantFrom(1, 30),
    smallSizes: fc.boolean(),
    commands: fc
      .tuple(fc.array(insert, { maxLength: 2 }), fc.array(command, { maxLength: 40, size: 'max' }))
      .map(([first, others]) => [...first, ...others]),
  });
}
