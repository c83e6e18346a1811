import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListingPosition } from '../../src/models/reconcile.js';
import { businessKey, keyParts } from '../../src/rows/key.js';
import { type Group, isEqualGroup, joinBuckets } from '../../src/sync/reconcile/compare-groups.js';
import { Comparison } from '../../src/sync/reconcile/comparison.js';
import type { LakeBucket } from '../../src/sync/reconcile/lake-buckets.js';
import type { StoredBucket } from '../../src/sync/reconcile/stored-buckets.js';
import { addUnequal, joined, nextBatch } from '../../src/sync/reconcile/unequal-ranges.js';

const group = (rows: number, sum: number, serials = rows): Group => ({
  rows,
  serials,
  serialSum: sum,
});

/** Some at a time, now and then none: what comes together is up to the lake and to MongoDB. */
async function* stream<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  yield [];
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** Compares from a position on; breaks off after so many pairs. */
async function compare(
  lake: readonly LakeBucket[],
  stored: readonly StoredBucket[],
  {
    from,
    pairs = Number.POSITIVE_INFINITY,
    ceilingMs = 1e9,
    scope,
  }: {
    from?: ListingPosition;
    pairs?: number;
    ceilingMs?: number;
    scope?: readonly string[];
  } = {},
): Promise<ListingPosition> {
  const comparison = new Comparison(from, scope, ceilingMs);
  const rest = lake.filter(({ next }) => next > (from?.offset ?? 0));
  const later = stored.filter(({ ms }) => ms > (from?.after?.getTime() ?? -1));
  let done = 0;
  for await (const joined of joinBuckets(stream(rest, 3), stream(later, 4))) {
    for (const pair of joined) {
      comparison.add(pair);
      if (++done >= pairs) return comparison.position(undefined);
    }
  }
  return comparison.position(undefined);
}

const groups = fc
  .dictionary(fc.constantFrom('wmwhse1', 'wmwhse2', 'WMWHSE1'), fc.integer({ min: 1, max: 3 }))
  .map((found) => new Map(Object.entries(found).map(([name, n]) => [name, group(n, n)])));
const side = fc.dictionary(fc.integer({ min: 0, max: 40 }).map(String), groups).map((found) =>
  Object.entries(found)
    .map(([ms, of]) => ({ ms: Number(ms), groups: of, unreadable: of.size % 2 }))
    .filter((bucket) => bucket.groups.size > 0)
    .sort((a, b) => a.ms - b.ms),
);
const lakeSide = side.map((buckets) => {
  let next = 0;
  return buckets.map((bucket): LakeBucket => {
    next += bucket.groups.size;
    return { ...bucket, next, unnamed: 0 };
  });
});

describe('two groups', () => {
  it.each<[string, Group | undefined, Group | undefined, boolean]>([
    ['of the same rows and sum', group(2, 9), group(2, 9), true],
    ['of another sum', group(2, 9), group(2, 8), false],
    ['of more rows', group(2, 9), group(1, 9), false],
    ['of which one is missing', undefined, group(2, 9), false],
    ['with a NULL on the lake’s side', group(2, 9, 1), group(2, 9), false],
    ['with a NULL on both sides', group(2, 9, 1), group(2, 9, 1), false],
    ['without a sum', { ...group(2, 9), serialSum: undefined }, group(2, 9), false],
    ['without a count of keys', { ...group(2, 9), serials: undefined }, group(2, 9), false],
  ])('%s', (_what, lake, stored, isEqual) => {
    expect(isEqualGroup(lake, stored)).toBe(isEqual);
  });
});

describe('a comparison', () => {
  it('broken off anywhere and taken up again comes to what it comes to in one go', async () => {
    await fc.assert(
      fc.asyncProperty(lakeSide, side, fc.array(fc.nat(5)), async (lake, stored, breaks) => {
        const whole = await compare(lake, stored, { ceilingMs: 30 });
        let from: ListingPosition | undefined;
        for (const pairs of breaks) {
          from = await compare(lake, stored, {
            ...(from && { from }),
            pairs: pairs + 1,
            ceilingMs: 30,
          });
        }
        expect(await compare(lake, stored, { ...(from && { from }), ceilingMs: 30 })).toEqual(
          whole,
        );
      }),
    );
  });

  it('finds every index time whose groups differ, and no other than its neighbours', async () => {
    await fc.assert(
      fc.asyncProperty(lakeSide, side, async (lake, stored) => {
        const { ranges } = await compare(lake, stored);
        for (let ms = 0; ms <= 40; ms++) {
          const left = lake.find((bucket) => bucket.ms === ms)?.groups ?? new Map<string, Group>();
          const right = stored.find((bucket) => bucket.ms === ms)?.groups ?? new Map();
          const names = [...new Set([...left.keys(), ...right.keys()])];
          const isEqual = names.every((name) => isEqualGroup(left.get(name), right.get(name)));
          const isWithin = ranges.some(({ from, to }) => ms >= +from && ms <= +to);
          if (!isEqual) expect(isWithin).toBe(true);
          if (lake.length === 0 && stored.length === 0) expect(isWithin).toBe(false);
        }
      }),
    );
  });

  it('does not depend on the order of warehouses within a millisecond', async () => {
    const [one, two] = [group(1, 5), group(2, 9)];
    const lake = [
      {
        ms: 7,
        groups: new Map([
          ['b', two],
          ['A', one],
        ]),
        next: 2,
        unnamed: 0,
      },
    ];
    const stored = [
      {
        ms: 7,
        groups: new Map([
          ['A', one],
          ['b', two],
        ]),
        unreadable: 1,
      },
    ];
    const position = await compare(lake, stored);
    expect(position).toMatchObject({ ranges: [], rows: 3, documents: 3, groups: 2 });
    const other = [
      { ...lake[0], ms: 7, groups: stored[0]?.groups ?? new Map(), next: 2, unnamed: 0 },
    ];
    expect((await compare(other, stored)).digest).toBe(position.digest);
  });

  it('leaves out what is in flight, and documents of other warehouses', async () => {
    const lake = [{ ms: 9, groups: new Map([['wmwhse1', group(3, 6)]]), next: 1, unnamed: 0 }];
    const stored = [
      { ms: 2, groups: new Map([['wmwhse2', group(4, 4)]]), unreadable: 0 },
      { ms: 3, groups: new Map([['WMWHSE1', group(1, 1)]]), unreadable: 0 },
    ];
    const position = await compare(lake, stored, { ceilingMs: 8, scope: ['wmwhse1'] });
    expect(position).toMatchObject({ inFlight: 3, outOfScope: 4, rows: 3, documents: 1 });
    // In a lake whose collation knows no case the spelling is the run's, too.
    expect(position.ranges.map(({ from }) => from.getTime())).toEqual([2]);
  });
});

describe('unequal ranges', () => {
  it('cover every index time that was added, are in order, and few', () => {
    const times = fc.uniqueArray(fc.nat(100_000), { maxLength: 2_000 });
    fc.assert(
      fc.property(times, (all) => {
        const ranges: ReturnType<typeof joined> = [];
        all
          .sort((a, b) => a - b)
          .forEach((ms, at) => {
            addUnequal(ranges, { ms, seenBefore: at, seenAfter: at + 1 });
          });
        expect(ranges.length).toBeLessThan(800);
        const few = joined(ranges);
        expect(few.length).toBeLessThanOrEqual(400);
        expect(all.every((ms) => few.some(({ from, to }) => +from < ms && +to > ms))).toBe(true);
        few.slice(1).forEach(({ from }, at) => {
          expect(+from).toBeGreaterThan(Number(few[at]?.to));
        });
      }),
      { numRuns: 20 },
    );
  });

  it('are listed a batch at a time, each of them once', () => {
    const range = (at: number, rows: number) => ({
      from: new Date(at * 10),
      to: new Date(at * 10 + 2),
      seenBefore: 0,
      seenAfter: rows,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 500_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(sizes, (rows) => {
        const ranges = rows.map((count, at) => range(at, count));
        const listed = [];
        for (let batch = nextBatch(ranges, 0); batch.length > 0; ) {
          listed.push(...batch);
          batch = nextBatch(ranges, listed.length);
        }
        expect(listed).toEqual(ranges);
      }),
    );
  });
});

describe('the parts of a key', () => {
  it('are those that it was made of', () => {
    const part = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(keyParts(businessKey(parts))).toEqual(parts);
      }),
    );
  });
});
