import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment } from '../../src/models/reading.js';
import { addCounts, noRows, type RowCounts } from '../../src/models/row-counts.js';
import { jobCounts, planSegments } from '../../src/sync/segments.js';

const SIZE = 100_000;
const ranges = (segments: readonly Segment[]) => segments.map(({ start, end }) => [start, end]);

describe('planSegments', () => {
  it.each<[string, [number, number, number | undefined], [number, number | null][]]>([
    ['no rows', [0, 0, undefined], [[0, null]]],
    ['a few rows', [0, 42, undefined], [[0, null]]],
    ['one full segment', [0, 100_000, undefined], [[0, null]]],
    [
      'one row more',
      [0, 100_001, undefined],
      [
        [0, 100_000],
        [100_000, null],
      ],
    ],
    [
      'three segments',
      [0, 250_000, undefined],
      [
        [0, 100_000],
        [100_000, 200_000],
        [200_000, null],
      ],
    ],
    ['a limit within', [0, 42, 10], [[0, 10]]],
    ['a limit that is all', [0, 42, 42], [[0, null]]],
    ['a limit beyond', [0, 42, 50], [[0, null]]],
    ['a limit of one full segment', [0, 250_000, 100_000], [[0, 100_000]]],
    [
      'a limit in the second',
      [0, 250_000, 150_000],
      [
        [0, 100_000],
        [100_000, 150_000],
      ],
    ],
    ['the rest of a run', [40, 100, undefined], [[40, null]]],
    ['the rest of a run with a limit', [40, 100, 80], [[40, 80]]],
    ['a rest that is none any more', [100, 100, undefined], [[100, null]]],
  ])('cuts %s', (_name, [from, total, limit], expected) => {
    expect(
      ranges(planSegments({ from, counted: total, stated: undefined, limit, size: SIZE })),
    ).toEqual(expected);
  });

  const cut = fc
    .record({
      from: fc.nat(3_000_000),
      rest: fc.nat(3_000_000),
      size: fc.integer({ min: 1_000, max: 1_000_000 }),
      limit: fc.option(fc.integer({ min: 1, max: 5_000_000 }), { nil: undefined }),
    })
    .map(({ from, rest, size, limit }) => ({
      from,
      total: from + rest,
      size,
      limit: limit === undefined ? undefined : from + limit,
    }));

  it('leaves no offset out and reads none twice, to the limit or the open end', () => {
    fc.assert(
      fc.property(cut, ({ from, total, limit, size }) => {
        const segments = planSegments({ from, counted: total, stated: undefined, limit, size });
        expect(segments[0]?.start).toBe(from);
        segments.slice(1).forEach(({ start }, i) => {
          expect(start).toBe(segments[i]?.end);
        });
        const last = segments.at(-1);
        expect(last?.end).toBe(limit !== undefined && limit < total ? limit : null);
        for (const { start, end } of segments.slice(0, -1)) expect(end).toBeGreaterThan(start);
        expect(last?.end ?? Number.POSITIVE_INFINITY).toBeGreaterThan(last?.start ?? Number.NaN);
      }),
    );
  });

  it('begins each segment open, at its start, with no rows', () => {
    for (const segment of planSegments({
      from: 7,
      counted: 300_000,
      stated: 300_000,
      limit: undefined,
      size: SIZE,
    })) {
      expect(segment).toMatchObject({ state: 'open', next: segment.start, counts: noRows() });
    }
  });
});

describe('the counts of a job', () => {
  const anyCounts = fc.record<RowCounts>({
    read: fc.nat(),
    created: fc.nat(),
    updated: fc.nat(),
    unchanged: fc.nat(),
    stale: fc.nat(),
    rejected: fc.nat(),
    unreadable: fc.nat(),
    deleted: fc.nat(),
    replayed: fc.nat(),
    collisions: fc.nat(),
  });

  it('are those of its segments, in whatever order these end', () => {
    fc.assert(
      fc.property(fc.array(anyCounts, { maxLength: 5 }), (parts) => {
        const segments = parts.map((counts) => ({
          start: 0,
          end: null,
          next: 0,
          state: 'done' as const,
          counts,
        }));
        const sum = jobCounts({ segments });
        expect(jobCounts({ segments: segments.toReversed() })).toEqual(sum);
        for (const [name, value] of Object.entries(sum)) {
          const each = parts.map((counts) => counts[name as keyof RowCounts]);
          expect(value).toBe(each.reduce((a, b) => a + b, 0));
        }
      }),
    );
  });

  it('have those of the ranges that were read before', () => {
    const split = { ranges: [{}, {}], index: 1, counts: { ...noRows(), read: 7, created: 7 } };
    const [segment] = planSegments({
      from: 0,
      counted: 5,
      stated: 5,
      limit: undefined,
      size: SIZE,
    });
    const segments = segment ? [{ ...segment, counts: { ...noRows(), read: 2, stale: 2 } }] : [];
    expect(jobCounts({ split, segments })).toEqual({ ...noRows(), read: 9, created: 7, stale: 2 });
  });

  it('are added without changing either', () => {
    const a = { ...noRows(), read: 2, created: 2 };
    expect(addCounts(a, { ...noRows(), read: 1, stale: 1 })).toEqual({
      ...noRows(),
      read: 3,
      created: 2,
      stale: 1,
    });
    expect(a).toEqual({ ...noRows(), read: 2, created: 2 });
  });
});
