import fc from 'fast-check';
import type { Fault } from '../../dev/lake/index.js';
import { record } from './generate-faults.js';
import { spoiledRows } from './generate-oddities.js';

const nth = fc.integer({ min: 1, max: 6 });
const few = fc.integer({ min: 1, max: 3 });
const ALWAYS = 1_000;
/** Once, again when it is asked a second time, or however often it is asked. */
const times = fc.constantFrom(1, 1, 2, ALWAYS);

type Kind = Fault['kind'];

const pages = fc.constantFrom<Kind>(
  'emptyPage',
  'emptyPage',
  'repeatedPage',
  'longPage',
  'ignoredOffset',
  'notAList',
);
/** Words of the statements that a run sends. */
const sql = fc.constantFrom('', '', 'CROSS JOIN', 'COUNT', 'LAKE_MODIFIED');

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: spoiledRows },
  { weight: 6, arbitrary: record({ kind: pages, nth, times, sql }) },
  {
    weight: 2,
    arbitrary: record({
      kind: pages,
      rate: fc.constantFrom(0.1, 0.3),
      seed: fc.nat(1000),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      kind: fc.constant<Kind>('pageStatus'),
      status: fc.constantFrom(400, 404, 410, 416),
      nth,
      times,
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: fc.constant<Kind>('shortResult'),
      rows: few,
      nth: fc.integer({ min: 1, max: 5 }),
      times,
    }),
  },
  { weight: 1, arbitrary: record({ kind: fc.constant<Kind>('statusTotal'), every: few }) },
  {
    weight: 1,
    arbitrary: record({
      kind: fc.constant<Kind>('statusTotal'),
      rows: fc.nat(9),
      nth: fc.integer({ min: 1, max: 5 }),
      times,
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom<Partial<Fault>>(
          { hide: ['DELETED'] },
          { show: ['DELETED'] },
          { columns: 'missing' },
          { columns: 'empty' },
        ),
        record({ nth: fc.integer({ min: 1, max: 4 }), times }),
      )
      .map(([way, when]): Fault => ({ kind: 'columns', ...way, ...when })),
  },
  {
    weight: 2,
    arbitrary: record({
      kind: fc.constant<Kind>('failed'),
      sql: fc.constantFrom('CROSS JOIN', 'includedeleted'),
      times,
    }),
  },
);

/** What a lake does that answers, but not as it should, while a command lasts. */
export const oddFaults: fc.Arbitrary<readonly Fault[]> = fc.array(fault, {
  minLength: 1,
  maxLength: 2,
});
