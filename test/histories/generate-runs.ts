import fc from 'fast-check';
import {
  type OrderAnswer,
  type Request,
  type RunCommand,
  type Trouble,
  WAREHOUSES,
} from './commands.js';
import { faults, record } from './generate-faults.js';
import { oddFaults } from './generate-odd-faults.js';
import { harmless, ofInherited, refusals } from './generate-oddities.js';
import { betweenCalls } from './generate-wms.js';

const batchSize = fc.constantFrom(1, 2, 3, 7, 5000);
export const someWarehouses = fc.subarray([...WAREHOUSES], { minLength: 1 });
const day = fc.constantFrom('2019-05-05', '2025-12-31', '2026-01-01', '2026-01-01T00:00:00.000Z');
const optional = { requiredKeys: [], noNullPrototype: true } satisfies fc.RecordConstraints;
const full = fc.constant('full' as const);

const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ mode: fc.constant('incremental' as const), batchSize }, optional),
  },
  { weight: 3, arbitrary: fc.record({ mode: full, batchSize }, requiring('mode')) },
  {
    weight: 3,
    arbitrary: fc.record({ whseid: someWarehouses, batchSize, mode: full }, requiring('whseid')),
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
    arbitrary: fc.record({ maxRecords: fc.nat(6), batchSize, mode: full }, requiring('maxRecords')),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { mode: full, rebuild: fc.constant(true as const), batchSize, whseid: someWarehouses },
      requiring('mode', 'rebuild'),
    ),
  },
);

const quiet = { faults: fc.constant([]), meanwhile: fc.constant([]) };
const ordinaryTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 6, arbitrary: record<Trouble>({ faults, meanwhile: fc.constant([]), ofInherited }) },
  { weight: 1, arbitrary: record<Trouble>({ ...quiet, harmless, ofInherited, writes: refusals }) },
);
const noTrouble: fc.Arbitrary<Trouble> = fc.constant({ faults: [], meanwhile: [] });

const changes = fc.array(record({ nth: fc.integer({ min: 1, max: 14 }), change: betweenCalls }), {
  maxLength: 3,
});
const anyTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 2, arbitrary: ordinaryTrouble },
  { weight: 4, arbitrary: record({ faults: oddFaults, meanwhile: fc.constant([]) }) },
  { weight: 3, arbitrary: record({ faults: fc.constant([]), meanwhile: changes }) },
  { weight: 1, arbitrary: record({ faults: oddFaults, meanwhile: changes }) },
  { weight: 2, arbitrary: record<Trouble>({ ...quiet, harmless, ofInherited, writes: refusals }) },
);

/** Runs of a lake that is as it should be, but for faults that pass. */
export const ordinaryRun = runWith(anyRequest, ordinaryTrouble, noTrouble);
/** In several pages: most of what goes wrong does so after the first one. */
const inPages = anyRequest.map((one): Request => ({ batchSize: 2, ...one }));
export const anyRun: fc.Arbitrary<RunCommand> = fc.oneof(
  { weight: 36, arbitrary: runWith(inPages, anyTrouble, anyTrouble) },
  { weight: 3, arbitrary: record({ do: fc.constant('stranger' as const) }) },
);

function runWith(
  request: fc.Arbitrary<Request>,
  trouble: fc.Arbitrary<Trouble>,
  ofCrowds: fc.Arbitrary<Trouble>,
): fc.Arbitrary<RunCommand> {
  return fc.oneof(
    { weight: 14, arbitrary: record({ do: fc.constant('sync' as const), request, trouble }) },
    {
      weight: 10,
      arbitrary: record({
        do: fc.constant('slice' as const),
        request,
        looks: fc.integer({ min: 1, max: 60 }),
        trouble,
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
        trouble,
      }),
    },
    {
      weight: 2,
      arbitrary: record({
        do: fc.constant('crowd' as const),
        request,
        workers: fc.integer({ min: 2, max: 3 }),
        steal: fc.boolean(),
        trouble: ofCrowds,
      }),
    },
    {
      weight: 1,
      arbitrary: record({
        do: fc.constant('overQuota' as const),
        request,
        ms: fc.integer({ min: 5, max: 60 }),
        on: fc.constantFrom('submit' as const, 'status' as const, 'result' as const),
        hours: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: record({
        do: fc.constant('order' as const),
        request,
        answer: fc.constantFrom<OrderAnswer>(
          'page',
          'login',
          'redirect',
          'missing',
          'lost',
          'lost',
        ),
      }),
    },
    { weight: 1, arbitrary: record({ do: fc.constant('cancel' as const) }) },
    { weight: 2, arbitrary: record({ do: fc.constant('verify' as const) }) },
  );
}

function requiring<K extends string>(...requiredKeys: K[]) {
  return { requiredKeys, noNullPrototype: true } as const;
}
