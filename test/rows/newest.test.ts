import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodedRow } from '../../src/rows/decoder.js';
import { newestOfEachKey } from '../../src/rows/newest.js';

interface Version {
  readonly id?: string;
  readonly serial?: unknown;
  readonly at?: number;
  readonly deleted?: boolean;
}

function row({ id = 'K', serial = 1, at = 10, deleted = false }: Version): DecodedRow {
  return {
    id,
    modifiedMs: at,
    deleted,
    serialKey: serial,
    serialColumn: 'SERIALKEY',
    surrogate: '',
    document: { _id: id, _lake: { modifiedAt: new Date(at) } },
    flagColumn: undefined,
    unreadable: [],
    raw: {},
  };
}

describe('of two versions of one row', () => {
  it.each<[string, Version, Version]>([
    ['the later', { at: 11 }, { at: 10 }],
    ['the later, though it is the delete', { at: 11, deleted: true }, { at: 10 }],
    ['the later, though it was revived', { at: 11 }, { at: 10, deleted: true }],
    ['in a tie the live one', {}, { deleted: true }],
  ])('%s is written, whichever comes first', (_name, stays, goes) => {
    for (const versions of [
      [stays, goes],
      [goes, stays],
    ]) {
      const { live, deleted, superseded, collisions } = newestOfEachKey(versions.map(row));
      expect([...deleted.flat(), ...live]).toEqual([row(stays)]);
      expect({ superseded, collisions }).toEqual({ superseded: 1, collisions: 0 });
    }
  });
});

describe('of two rows with one key', () => {
  it.each<[string, Version, Version]>([
    ['the later', { serial: 1, at: 11 }, { serial: 2, at: 10 }],
    ['in a tie the one with the higher surrogate key', { serial: 10 }, { serial: 9 }],
    ['in a tie the one that has a surrogate key', { serial: 1 }, { serial: null }],
  ])('that are both live, %s is written, and the other reported', (_name, stays, goes) => {
    for (const versions of [
      [stays, goes],
      [goes, stays],
    ]) {
      expect(newestOfEachKey(versions.map(row))).toEqual({
        live: [row(stays)],
        deleted: [],
        superseded: 1,
        collisions: 1,
      });
    }
  });

  it('the delete of the one is written before the other, since either may be stored', () => {
    const gone = { serial: 1, at: 20, deleted: true };
    const alive = { serial: 2, at: 10 };
    expect(newestOfEachKey([row(alive), row(gone)])).toEqual({
      deleted: [[row(gone)]],
      live: [row(alive)],
      superseded: 0,
      collisions: 0,
    });
  });

  it('that are both deleted, both deletes are written, the earlier one first', () => {
    const earlier = { serial: 2, at: 10, deleted: true };
    const later = { serial: 1, at: 20, deleted: true };
    expect(newestOfEachKey([row(later), row(earlier)]).deleted).toEqual([
      [row(earlier)],
      [row(later)],
    ]);
  });
});

describe('of any page', () => {
  const page = fc
    .array(
      fc.record({
        serial: fc.integer({ min: 1, max: 4 }),
        id: fc.constantFrom('A', 'B', 'C'),
        at: fc.integer({ min: 1, max: 3 }),
        deleted: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    .map((versions) => versions.map(row));

  it('a round has each key once, each key has one live row, and what is not written is counted', () => {
    fc.assert(
      fc.property(page, (rows) => {
        const { live, deleted, superseded, collisions } = newestOfEachKey(rows);
        for (const round of [...deleted, live]) {
          expect(round.length).toBeGreaterThanOrEqual(round === live ? 0 : 1);
          expect(new Set(round.map(({ id }) => id)).size).toBe(round.length);
        }
        expect(live.length + deleted.flat().length + superseded).toBe(rows.length);
        expect(collisions).toBeLessThanOrEqual(superseded);
      }),
    );
  });

  it('no row is written in a version that the page has a later one of', () => {
    fc.assert(
      fc.property(page, (rows) => {
        const { live, deleted } = newestOfEachKey(rows);
        for (const { id, serialKey, modifiedMs } of [...deleted.flat(), ...live]) {
          const own = rows.filter((other) => other.id === id && other.serialKey === serialKey);
          expect(Math.max(...own.map((other) => other.modifiedMs))).toBe(modifiedMs);
        }
      }),
    );
  });

  it('the same is written in whatever order the rows come', () => {
    const byKey = (rows: readonly DecodedRow[]) =>
      rows
        .map((one) => JSON.stringify([one.id, one.serialKey, one.modifiedMs, one.deleted]))
        .sort();
    const shuffled = page.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    );
    fc.assert(
      fc.property(shuffled, ([rows, others]) => {
        const [one, other] = [newestOfEachKey(rows), newestOfEachKey(others)];
        expect(byKey(one.live)).toEqual(byKey(other.live));
        expect(one.deleted.map(byKey)).toEqual(other.deleted.map(byKey));
      }),
    );
  });
});
