import fc from 'fast-check';
import type { Fault } from '../../dev/lake/index.js';

/** Plain objects, so that a failed history prints as it could be written. */
export const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(model, { noNullPrototype: true });

const few = fc.integer({ min: 1, max: 3 });
const target = fc.constantFrom('any', 'submit', 'status', 'result', 'token') as fc.Arbitrary<
  NonNullable<Fault['on']>
>;
const nth = fc.integer({ min: 1, max: 12 });
const broken = fc.constantFrom('401', '500', '504', 'reset', 'cut', 'malformed') as fc.Arbitrary<
  Fault['kind']
>;

/** Queries that never end are a command of their own, since only a slice gets away from one. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 6,
    arbitrary: record({
      kind: broken,
      on: target,
      nth,
      times: fc.constantFrom(1, 2, 7),
      after: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: broken,
      rate: fc.constantFrom(0.05, 0.15, 0.4),
      seed: fc.nat(1000),
      after: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      kind: fc.constant('429' as const),
      nth,
      times: fc.constantFrom(1, 8),
      retryAfterSeconds: fc.constant(0),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      kind: fc.constant('slow' as const),
      every: few,
      delayMs: fc.constantFrom(1, 8),
    }),
  },
  { weight: 2, arbitrary: record({ kind: fc.constant('shortPage' as const), every: few }) },
  {
    weight: 3,
    arbitrary: record({
      kind: fc.constant('lostResult' as const),
      on: fc.constantFrom('result' as const, 'status' as const),
      nth,
      times: fc.constantFrom(1, 2, 5),
    }),
  },
  { weight: 1, arbitrary: record({ kind: fc.constant('failed' as const), nth: few }) },
);
const unknownStatus: fc.Arbitrary<Fault> = record({
  kind: fc.constant('unknownStatus' as const),
  nth: few,
});

/** What goes wrong in the lake while a command lasts: mostly nothing. */
export const faults: fc.Arbitrary<readonly Fault[]> = fc.oneof(
  { weight: 20, arbitrary: fc.constant([]) },
  { weight: 12, arbitrary: fc.array(fault, { minLength: 1, maxLength: 2 }) },
  // Each one costs half a second: the client asks again after a pause.
  { weight: 1, arbitrary: fc.array(unknownStatus, { minLength: 1, maxLength: 1 }) },
);
