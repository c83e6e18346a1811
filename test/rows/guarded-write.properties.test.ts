import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowDocument } from '../../src/models/row.js';
import { type DeleteMode, guardedWrite } from '../../src/rows/guarded-write.js';
import { newestOfEachKey } from '../../src/rows/newest.js';
import { createWriteRows, type Expected } from '../../src/rows/write-rows.js';
import { bulkWrite } from '../../src/store/row-writes.js';
import { testDatabase } from '../support/database.js';
import { decoded, minute, rowStore, scope, type Version } from './rows.js';

const { db } = await testDatabase();
const rows = db.collection<RowDocument>('rows');
const KEYS = ['A', 'B'];
const RUNS = { numRuns: 120 };

interface Way {
  readonly deleteMode: DeleteMode;
  /** What the live rows are taken for, rightly or not. */
  readonly expected: Expected;
}

/** Writes versions as one page of a run does. @returns how many documents changed */
async function writePage(page: readonly Version[], way: Way): Promise<number> {
  const { deleted, live } = newestOfEachKey(page.map(decoded));
  let changed = 0;
  // Each page is of a result that shows the last of what there was.
  const horizonMs = minute(10_000).getTime();
  for (const round of [...deleted, live]) {
    const writes = round.map((row) =>
      guardedWrite(row, { deleteMode: way.deleteMode, epoch: 0, horizonMs }),
    );
    const write = createWriteRows(rowStore(rows), way.expected);
    const result = round === live ? await write(writes) : await bulkWrite(rows, writes, scope);
    const { created, updated, unchanged, stale, refused } = result;
    expect(created + updated + unchanged + stale + refused.length).toBe(writes.length);
    changed += created + updated;
  }
  return changed;
}

/** What is stored of a key: the surrogate key, the version's minute, whether it is deleted. */
async function stateOf(id: string): Promise<Required<Omit<Version, 'values'>> | undefined> {
  const document = await rows.findOne({ _id: id });
  if (!document) return undefined;
  const { SERIALKEY, QTY, _lake } = document;
  const deleted = 'deletedAt' in _lake;
  const at = (_lake.modifiedAt.getTime() - minute(0).getTime()) / 60_000;
  if (!deleted) expect(QTY, 'the values are of the same version').toBe(at);
  return { id, serial: Number(SERIALKEY), at, deleted };
}

const way = fc.record<Way>({
  deleteMode: fc.constantFrom('soft', 'hard'),
  expected: fc.constantFrom('new', 'changed', 'unchanged'),
});
const cutInto = <T>(pages: number, items: readonly T[]): T[][] =>
  Array.from({ length: pages }, (_, page) => items.filter((_item, i) => i % pages === page));

/** Items in another order, some of them more than once, in pages. */
const delivered = <T>(items: readonly T[]): fc.Arbitrary<T[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...items], { minLength: items.length }),
      fc.subarray([...items]),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([all, again, pages]) => cutInto(pages, [...all, ...again]));

describe('versions of a few rows, in any order, any batches, and repeated,', () => {
  const versions = fc
    .uniqueArray(
      fc.record({
        id: fc.constantFrom(...KEYS),
        at: fc.integer({ min: 1, max: 12 }),
        deleted: fc.boolean(),
      }),
      { minLength: 1, maxLength: 10, selector: ({ id, at }) => `${id}${at}` },
    )
    .chain((all) => fc.tuple(fc.constant(all), delivered(all)));

  it('end as the latest one, and an older one never takes its place', async () => {
    await fc.assert(
      fc.asyncProperty(versions, way, async ([all, pages], how) => {
        await rows.deleteMany({});
        for (const page of pages) await writePage(page, how);
        for (const id of KEYS) {
          const latest = all.filter((one) => one.id === id).sort((a, b) => b.at - a.at)[0];
          expect(await stateOf(id)).toEqual(latest && { ...latest, serial: 1 });
        }
      }),
      RUNS,
    );
  });
});

describe('rows that use a key one after the other', () => {
  interface Life {
    readonly serial: number;
    readonly id: string;
    readonly versions: readonly Version[];
  }
  /**
   * Rows of one key as the lake indexes them: at most the last is alive, and it may have been
   * indexed before the end of those before it.
   */
  const history = (id: string): fc.Arbitrary<Life[]> =>
    fc
      .tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.uniqueArray(fc.nat(30), { minLength: 9, maxLength: 9 }),
      )
      .map(([count, lastLives, times]) =>
        Array.from({ length: count }, (_, i): Life => {
          const [first = 0, second = 0, end = 0] = times
            .slice(3 * i, 3 * i + 3)
            .sort((a, b) => a - b);
          const lives = lastLives && i === count - 1;
          const versions = [{ at: first }, { at: second }, { at: end, deleted: !lives }];
          return {
            id,
            serial: i + 1,
            versions: versions.map((one) => ({ ...one, id, serial: i + 1 })),
          };
        }),
      );

  const histories = fc.tuple(...KEYS.map(history)).map((lives) => lives.flat());
  const now = (lives: readonly Life[]) => lives.flatMap(({ versions }) => versions.slice(-1));
  /** What an earlier run has read: one version of each of some rows. */
  const earlier = (lives: readonly Life[]) =>
    fc
      .subarray([...lives])
      .chain((some) => fc.tuple(...some.map(({ versions }) => fc.constantFrom(...versions))));

  it('end as the one that is alive, or deleted, whatever had been stored before', async () => {
    const course = histories.chain((lives) =>
      fc.tuple(fc.constant(lives), earlier(lives), delivered(now(lives))),
    );
    await fc.assert(
      fc.asyncProperty(course, way, async ([lives, before, pages], how) => {
        await rows.deleteMany({});
        await writePage(before, how);
        // Twice, as the lookback reads them: a row that another one kept out comes again.
        for (const page of [...pages, ...pages]) await writePage(page, how);
        for (const id of KEYS) {
          const last = lives
            .filter((one) => one.id === id)
            .at(-1)
            ?.versions.at(-1);
          const state = await stateOf(id);
          expect(state?.deleted).toBe(last?.deleted);
          if (!last?.deleted) expect(state).toEqual({ ...last, deleted: false });
        }
        for (const page of pages) expect(await writePage(page, how)).toBe(0);
      }),
      RUNS,
    );
  });
});
