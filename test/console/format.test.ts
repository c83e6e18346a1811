import { describe, expect, it } from 'vitest';
import { readableDuration } from '../../console/format/duration.js';
import { shorten } from '../../console/format/shorten.js';
import { summaryOf } from '../../console/format/summary.js';
import type { Overview, TableVerdict } from '../../console/state/shapes.js';

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [0.2024, '0.2 s'],
    [9.96, '10 s'],
    [49.4, '49 s'],
    [59.7, '1 min'],
    [60, '1 min'],
    [3_599, '59 min 59 s'],
    [3_725, '1 h 2 min'],
    [86_400, '1 d'],
    [200_000, '2 d 7 h'],
  ])('of %d seconds is %s', (seconds, shown) => {
    expect(readableDuration(seconds)).toBe(shown);
  });
});

it('A name is cut only if it is longer than any name', () => {
  expect(shorten('Task Detail')).toBe('Task Detail');
  expect(shorten('x'.repeat(81))).toBe(`${'x'.repeat(80)}…`);
});

const AT = '2026-11-29T10:32:00.000Z';
const EARLIER = '2026-11-29T09:00:00.000Z';
const EQUAL: TableVerdict = { kind: 'equal', asOf: AT, jobId: '6b0586098f126685f5d11cf7' };
const PROVEN: TableVerdict = { kind: 'proven', asOf: EARLIER, how: 'result' };
const HELD: TableVerdict = { kind: 'held', deletes: 812, since: AT };
const NEVER: TableVerdict = { kind: 'never_run' };

/** Only what the sentence is made of. */
function overviewOf(...verdicts: TableVerdict[]): Overview {
  const of = (kind: TableVerdict['kind']) => verdicts.filter((one) => one.kind === kind).length;
  return {
    summary: {
      verdicts: { equal: of('equal'), proven: of('proven'), never_run: of('never_run') },
      equalAsOf: AT,
      provenAsOf: EARLIER,
    },
    tables: verdicts.map((verdict, index) => ({ tableName: `T${index}`, verdict })),
  } as unknown as Overview;
}

describe('the sentence on top of the overview', () => {
  it.each([
    ['all are equal', [EQUAL, EQUAL], 'allEqual', AT],
    ['some are equal, and the others need somebody', [EQUAL, HELD], 'someEqual', AT],
    ['all are proven', [PROVEN, PROVEN], 'allProven', EARLIER],
    ['all are equal or proven', [EQUAL, PROVEN], 'allGood', EARLIER],
    ['some are equal or proven', [EQUAL, PROVEN, HELD], 'someGood', EARLIER],
    ['none can be trusted', [HELD, NEVER], 'noneGood', EARLIER],
    ['none has run', [NEVER, NEVER], 'nothing', EARLIER],
  ] as const)('says it if %s', (_, verdicts, head, at) => {
    expect(summaryOf(overviewOf(...verdicts))).toMatchObject({ head, at });
  });

  it('names those that need somebody, the gravest first, those alike together', () => {
    expect(summaryOf(overviewOf(NEVER, EQUAL, HELD, NEVER)).exceptions).toEqual([
      { kind: 'held', tables: ['T2'], count: 812 },
      { kind: 'never_run', tables: ['T0', 'T3'], count: 0 },
    ]);
  });
});
