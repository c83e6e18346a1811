import fc from 'fast-check';
import type { OddChange, OrdinaryChange, Values } from './commands.js';
import { record } from './generate-faults.js';

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
    text: fc.constantFrom(null, '', ' ', '0', '95', 'Größe 5', 'a\tb'),
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

export const insert: fc.Arbitrary<OrdinaryChange> = record({
  do: fc.constant('insert' as const),
  warehouse: pick,
  rows: fc.oneof({ weight: 4, arbitrary: few }, { weight: 1, arbitrary: fc.constant(9) }),
  values,
  added,
  late,
});
/** Enough for several pages. */
export const insertMany = insert.map((one) => ({ ...one, rows: 7 }) as OrdinaryChange);
const edit: fc.Arbitrary<OrdinaryChange> = record({
  do: fc.constant('edit' as const),
  pick,
  rows: few,
  values,
  late,
});
const deletion: fc.Arbitrary<OrdinaryChange> = record({
  do: fc.constant('delete' as const),
  pick,
  rows: few,
  keysOnly: fc.boolean(),
  late,
});
const revive: fc.Arbitrary<OrdinaryChange> = record({
  do: fc.constant('revive' as const),
  pick,
  values,
  late,
});
const reuse: fc.Arbitrary<OrdinaryChange> = record({
  do: fc.constant('reuse' as const),
  pick,
  first: fc.constantFrom('delete' as const, 'insert' as const),
  gapMs: fc.constantFrom(0, 1, SECOND, HOUR),
  thenDelete: fc.boolean(),
  late,
});
const wait = (...ms: number[]): fc.Arbitrary<OrdinaryChange> =>
  record({ do: fc.constant('wait' as const), ms: fc.constantFrom(...ms) });

export const ordinary: fc.Arbitrary<OrdinaryChange> = fc.oneof(
  { weight: 8, arbitrary: insert },
  { weight: 8, arbitrary: edit },
  { weight: 6, arbitrary: deletion },
  { weight: 4, arbitrary: revive },
  { weight: 8, arbitrary: reuse },
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
    arbitrary: wait(1, 2, SECOND, MINUTE, 29 * MINUTE, 2 * HOUR, 21 * HOUR, 72 * HOUR),
  },
);

const hide: fc.Arbitrary<OddChange> = record({ do: fc.constant('hide' as const), pick, rows: few });
const show: fc.Arbitrary<OddChange> = record({ do: fc.constant('show' as const) });

export const odd: fc.Arbitrary<OddChange> = fc.oneof(
  { weight: 2, arbitrary: hide },
  { weight: 2, arbitrary: show },
  {
    weight: 3,
    arbitrary: record({
      do: fc.constant('stepBack' as const),
      share: fc.constantFrom(0.001, 0.3, 1),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constant('goBack' as const),
      pick,
      what: fc.constantFrom('edit' as const, 'edit' as const, 'delete' as const),
      values,
      ms: fc.constantFrom(1, 2 * SECOND, 3 * MINUTE, 100 * HOUR),
    }),
  },
);

/** What can happen between two calls of a run, but for waits in which a result or token ends. */
export const betweenCalls = fc.oneof(
  { weight: 4, arbitrary: insert },
  { weight: 4, arbitrary: edit },
  { weight: 4, arbitrary: deletion },
  { weight: 2, arbitrary: revive },
  { weight: 3, arbitrary: reuse },
  { weight: 2, arbitrary: wait(1, SECOND, 29 * MINUTE) },
  { weight: 2, arbitrary: hide },
  { weight: 2, arbitrary: show },
  { weight: 2, arbitrary: odd },
);
