import { beforeEach, describe, expect, it } from 'vitest';
import type { RowDocument } from '../../src/models/row.js';
import { testDatabase } from '../support/database.js';
import { minute, type Version, write } from './rows.js';

const { db } = await testDatabase();
const rows = db.collection<RowDocument>('rows');
const stored = () => rows.findOne({ _id: 'K' });

/** What is stored, in short: `2@10` is row 2 alive in its version of minute 10, `2x10` deleted. */
async function state(): Promise<string> {
  const document = await stored();
  if (!document) return 'nothing';
  const { SERIALKEY, _lake } = document;
  const at = (_lake.modifiedAt.getTime() - minute(0).getTime()) / 60_000;
  return `${SERIALKEY ?? '?'}${'deletedAt' in _lake ? 'x' : '@'}${at}`;
}

const version = (text: string): Version => {
  const [, serial, mark, at] = /^(\d+|\?)([@x])(\d+)$/.exec(text) ?? [];
  return {
    serial: serial === '?' ? null : Number(serial),
    deleted: mark === 'x',
    at: Number(at),
  };
};

beforeEach(async () => {
  await rows.deleteMany({});
});

describe.each(['soft', 'hard'] as const)('with %s deletes', (mode) => {
  it.each<[string, string, string]>([
    // One row.
    ['1@10', '1@11', '1@11'],
    ['1@11', '1@10', '1@11'],
    ['1@10', '1x11', '1x11'],
    ['1x11', '1@10', '1x11'],
    ['1x11', '1@12', '1@12'],
    ['1@12', '1x11', '1@12'],
    ['1x11', '1x10', '1x11'],
    ['1x10', '1x11', '1x11'],
    // A later look at the same instant is of a later version.
    ['1@10', '1x10', '1x10'],
    ['1x10', '1@10', '1@10'],
    // Another row with the same key: a delete touches its own row only.
    ['1@10', '2@11', '2@11'],
    ['2@11', '1@10', '2@11'],
    ['2@10', '1x11', '2@10'],
    ['1x11', '2@12', '2@12'],
    // Its delete was indexed after the new row.
    ['1x11', '2@10', '2@10'],
    // Both are deleted.
    ['1x10', '2x11', '2x11'],
    ['2x11', '1x10', '2x11'],
    // A row without surrogate key is known by its business key alone.
    ['?@10', '?x11', '?x11'],
    ['?x11', '?@10', '?x11'],
    ['1@12', '?x11', '1@12'],
    ['2x11', '?@10', '2x11'],
  ])('%s, then %s gives %s', async (first, second, expected) => {
    await write(rows, [version(first)], mode);
    await write(rows, [version(second)], mode);
    expect(await state()).toBe(expected);
    const { created, updated } = await write(rows, [version(second)], mode);
    expect({ created, updated }, 'written once more').toEqual({ created: 0, updated: 0 });
    expect(await state()).toBe(expected);
  });

  it('a delete that does not say whose it is keeps older versions of the row away', async () => {
    await write(rows, [version('1@10')], mode);
    await write(rows, [version('?x20')], mode);
    await write(rows, [version('1@15')], mode);
    expect(await stored()).toHaveProperty('_lake.deletedAt', minute(20));
    await write(rows, [version('1@21')], mode);
    expect(await state()).toBe('1@21');
  });
});

describe('a soft delete', () => {
  it('keeps the values, and marks key, flag and time', async () => {
    await write(rows, [{ at: 1, values: { SKU: 'A' } }]);
    await write(rows, [{ at: 2, deleted: true }]);
    expect(await stored()).toEqual({
      _id: 'K',
      SERIALKEY: 1,
      QTY: 1,
      SKU: 'A',
      DELETED: 'true',
      _lake: { modifiedAt: minute(2), deletedAt: minute(2) },
    });
  });

  it('leaves nothing of it behind when the row comes back', async () => {
    await write(rows, [{ at: 1 }]);
    await write(rows, [{ at: 2, deleted: true }]);
    await write(rows, [{ at: 3 }]);
    expect(await stored()).toEqual({
      _id: 'K',
      SERIALKEY: 1,
      QTY: 3,
      _lake: { modifiedAt: minute(3) },
    });
  });
});

describe('a hard delete', () => {
  it('leaves the keys, and an end for the rest', async () => {
    await write(rows, [{ at: 1, values: { SKU: 'A' } }], 'hard');
    await write(rows, [{ at: 2, deleted: true }], 'hard');
    expect(await stored()).toEqual({
      _id: 'K',
      SERIALKEY: 1,
      _lake: {
        modifiedAt: minute(2),
        deletedAt: minute(2),
        expireAt: new Date(minute(2).getTime() + 30 * 86_400_000),
      },
    });
  });

  it('that is older than its mark would be kept makes none, and takes the row that is stored', async () => {
    const horizonMs = minute(2).getTime() + 31 * 86_400_000;
    const old = version('1x2');
    expect(await write(rows, [old], 'hard', { horizonMs })).toMatchObject({
      created: 0,
      unchanged: 1,
      stale: 0,
    });
    expect(await stored()).toBeNull();
    await write(rows, [version('1@1')], 'hard');
    expect(await write(rows, [old], 'hard', { horizonMs })).toMatchObject({ updated: 1 });
    expect(await state()).toBe('1x2');
  });

  it('empties a row that had been deleted softly', async () => {
    await write(rows, [{ at: 1, values: { SKU: 'A' } }]);
    await write(rows, [{ at: 2, deleted: true }]);
    await write(rows, [{ at: 2, deleted: true }], 'hard');
    expect(await stored()).not.toHaveProperty('SKU');
  });
});

describe('a writer of an earlier generation of a key that wakes up late', () => {
  // Row 1 had the key, was deleted; row 2 had it and was deleted in minute 20.
  it.each(['soft', 'hard'] as const)('brings nothing back, with %s deletes', async (mode) => {
    await write(rows, [version('2@15')], mode);
    await write(rows, [version('2x20')], mode);
    const before = await stored();
    for (const horizonMs of [minute(12).getTime(), undefined]) {
      expect(await write(rows, [version('1@10')], mode, { horizonMs })).toMatchObject({ stale: 1 });
      expect(await stored()).toEqual(before);
    }
  });

  it('is none where its query has seen the delete: then the earlier row is alive', async () => {
    await write(rows, [version('2@15')]);
    await write(rows, [version('2x20')]);
    const horizonMs = minute(20).getTime();
    expect(await write(rows, [version('1@10')], 'soft', { horizonMs })).toMatchObject({
      updated: 1,
    });
    expect(await state()).toBe('1@10');
  });
});

describe('a row of a rebuilt table', () => {
  const of = (epoch: number) => ({ epoch });
  it.each<[string, number, string, number, string]>([
    ['1@10', 0, '1@5', 1, '1@5'],
    ['1x10', 0, '1@5', 1, '1@5'],
    ['2@10', 0, '1@5', 1, '1@5'],
    ['1@5', 1, '1@10', 0, '1@5'],
    ['1@5', 1, '2@10', 0, '1@5'],
    ['1x5', 1, '1@10', 0, '1x5'],
    ['1@5', 1, '1x10', 0, '1@5'],
    ['1@5', 1, '2x10', 0, '1@5'],
    ['1@5', 2, '1@10', 1, '1@5'],
    ['1@5', 1, '1@10', 1, '1@10'],
    ['1@10', 1, '1@5', 1, '1@10'],
    ['1@10', 1, '1x11', 1, '1x11'],
    ['1@10', 0, '1x5', 1, '1x5'],
  ])('%s of epoch %i, then %s of epoch %i gives %s', async (first, a, second, b, expected) => {
    for (const mode of ['soft', 'hard'] as const) {
      await rows.deleteMany({});
      await write(rows, [version(first)], mode, of(a));
      await write(rows, [version(second)], mode, of(b));
      expect(await state()).toBe(expected);
      const { created, updated } = await write(rows, [version(second)], mode, of(b));
      expect({ created, updated }, 'written once more').toEqual({ created: 0, updated: 0 });
    }
  });
});
