import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newestOfEachKey } from '../../src/sync/newest.js';
import type { DecodedRow } from '../../src/tables/decoder.js';

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
    raw: {},
  };
}

describe('of the rows of one key', () => {
  it.each<[string, Version, Version]>([
    ['the later version', { at: 11 }, { at: 10 }],
    ['the later version, though it is the delete', { at: 11, deleted: true }, { at: 10 }],
    ['the later version, though it is the one revived', { at: 11 }, { at: 10, deleted: true }],
    ['in a tie the live version', {}, { deleted: true }],
    [
      'the live row, though another was deleted later',
      { serial: 2, at: 5 },
      { serial: 1, at: 10, deleted: true },
    ],
    [
      'the live row, though another with a higher key was deleted',
      { serial: 1, at: 5 },
      { serial: 2, at: 10, deleted: true },
    ],
    ['of two live rows the later', { serial: 1, at: 11 }, { serial: 2, at: 10 }],
    ['in a tie the higher surrogate key', { serial: 10 }, { serial: 9 }],
    ['in a tie the one that has a surrogate key', { serial: 1 }, { serial: null }],
    [
      'of two deleted rows the later',
      { serial: 1, at: 11, deleted: true },
      { serial: 2, at: 10, deleted: true },
    ],
  ])('%s stays, whichever comes first', (_name, stays, goes) => {
    for (const rows of [
      [row(stays), row(goes)],
      [row(goes), row(stays)],
    ]) {
      const { rows: kept, superseded } = newestOfEachKey(rows);
      expect(kept).toEqual([row(stays)]);
      expect(superseded).toBe(1);
    }
  });

  it.each<[string, Version[], number]>([
    ['two live rows are a collision', [{ serial: 1 }, { serial: 2 }], 1],
    ['three live rows are two', [{ serial: 1 }, { serial: 2 }, { serial: 3 }], 2],
    ['two versions of one row are none', [{ at: 1 }, { at: 2 }], 0],
    ['a deleted row beside a live one is none', [{ serial: 1, deleted: true }, { serial: 2 }], 0],
    ['rows with different keys are none', [{ id: 'A' }, { id: 'B', serial: 2 }], 0],
  ])('%s', (_name, versions, collisions) => {
    expect(newestOfEachKey(versions.map(row)).collisions).toBe(collisions);
  });
});

describe('of any page', () => {
  // As the lake's views give them: one version of each record, which its surrogate key names.
  const page = fc
    .uniqueArray(
      fc.record({
        serial: fc.integer({ min: 1, max: 8 }),
        id: fc.constantFrom('A', 'B', 'C'),
        at: fc.integer({ min: 1, max: 3 }),
        deleted: fc.boolean(),
      }),
      { selector: ({ serial }) => serial },
    )
    .map((versions) => versions.map(row));

  it('each key is left once, and every other row is counted', () => {
    fc.assert(
      fc.property(page, (rows) => {
        const { rows: kept, superseded } = newestOfEachKey(rows);
        expect(kept.map(({ id }) => id).sort()).toEqual(
          [...new Set(rows.map(({ id }) => id))].sort(),
        );
        expect(kept.length + superseded).toBe(rows.length);
      }),
    );
  });

  it('the same rows are left in whatever order they come', () => {
    const byId = (rows: readonly DecodedRow[]) => [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
    const shuffled = page.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    );
    fc.assert(
      fc.property(shuffled, ([rows, others]) => {
        expect(byId(newestOfEachKey(rows).rows)).toEqual(byId(newestOfEachKey(others).rows));
      }),
    );
  });

  it('a key with a live row never ends deleted', () => {
    fc.assert(
      fc.property(page, (rows) => {
        for (const { id, deleted } of newestOfEachKey(rows).rows) {
          expect(deleted).toBe(!rows.some((other) => other.id === id && !other.deleted));
        }
      }),
    );
  });
});
