import fc from 'fast-check';
import type { Fault } from '../../dev/lake/index.js';
import { FATAL, TRANSIENT } from '../support/refused-writes.js';
import type { Refusal } from './commands.js';
import { record } from './generate-faults.js';

const every = fc.integer({ min: 1, max: 3 });
const ALWAYS = 1_000;
const hexOf = (text: string) => Buffer.from(text).toString('hex');

/** A page that has `text` somewhere has `instead` in its place. */
function bytes(text: string, instead: string): Partial<Fault> {
  return { text, hex: hexOf(instead) };
}

/** The same row, told otherwise: columns in another letter case, a tab that is not escaped. */
export const harmless: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom(
        bytes('"STATUS":', '"status":'),
        bytes('"SERIALKEY":', '"SerialKey":'),
        bytes('"WHSEID":', '"whseid":'),
        bytes('"LAKE_MODIFIED":', '"lake_modified":'),
        bytes('"LAKE_ROWS":', '"Lake_Rows":'),
        bytes('\\t', '\t'),
      ),
      record({ every }),
    )
    .map(([way, when]): Fault => ({ kind: 'rawBytes', sql: 'LAKE_MODIFIED', ...way, ...when })),
  { maxLength: 2 },
);

const NOT_UTF8 = 'ff';

/** Rows that a run can't read as they are: a field, a key, or a whole row is lost. */
export const spoiledRows: fc.Arbitrary<Fault> = fc
  .tuple(
    fc.constantFrom<Partial<Fault>>(
      { text: '"STATUS":"', hex: `${hexOf('"STATUS":"')}${NOT_UTF8}` },
      { text: '"WHSEID":"', hex: `${hexOf('"WHSEID":"')}${NOT_UTF8}` },
      bytes('"STATUS":', '"STATUS"'),
      bytes('"SERIALKEY":', '"SERIALKEY"'),
      {},
    ),
    record({ every, times: fc.constantFrom(1, 2) }),
  )
  .map(([way, when]): Fault => ({ kind: 'rawBytes', sql: 'LAKE_MODIFIED', ...way, ...when }));

/** What a lake may say of a query that an earlier run has left, for ever. */
export const ofInherited: fc.Arbitrary<readonly Fault[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<Fault>(
        { kind: '500', on: 'status' },
        { kind: '500', on: 'result' },
        { kind: 'unknownStatus', word: 'FAILED' },
        { kind: 'unknownStatus', word: 'CANCELED' },
        { kind: 'unknownStatus' },
        { kind: 'pageStatus', status: 400 },
        { kind: 'pageStatus', status: 403 },
        { kind: 'pageStatus', status: 404 },
        { kind: 'emptyPage' },
        { kind: 'notAList' },
        { kind: 'lostResult', on: 'status' },
      )
      .map((fault) => [{ ...fault, times: ALWAYS }]),
  },
);

const after = fc.nat(3);
/** What MongoDB says of single writes. */
export const refusals: fc.Arbitrary<Refusal> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...TRANSIENT), fc.constantFrom(1, 2), after)
    .map(([[code, errmsg], times, begin]) => ({
      ...{ code, errmsg, times, after: begin },
      isTransient: true,
    })),
  fc.tuple(fc.constantFrom(...FATAL), after).map(([[code, errmsg], begin]) => ({
    ...{ code, errmsg, times: ALWAYS, after: begin },
    isTransient: false,
  })),
);
