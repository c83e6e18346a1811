import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countQuery,
  dataQuery,
  type QueryFilter,
  type QueryRange,
} from '../../src/datafabric/query-builder.js';
import { splitBySerial } from '../../src/datafabric/serial-split.js';
import { AppError } from '../../src/errors/app-error.js';

const source = { object: 'CSWMS_wmwhse_ORDERS', serialKey: 'SERIALKEY', deleteFlag: false };
const from = new Date('2025-01-01T00:00:00Z');
const to = new Date('2025-02-01T00:00:00Z');

/** What follows WHERE; empty if nothing does. */
function where(filter: QueryFilter, range: QueryRange): string {
  const data = dataQuery(source, filter, range).split(' WHERE ')[1] ?? '';
  expect(countQuery(source, filter, range).split(' WHERE ')[1] ?? '').toBe(data);
  return data;
}

describe('the statements', () => {
  test('count what there is, and its bounds', () => {
    expect(countQuery(source, {}, {})).toBe(
      'SELECT COUNT(*) AS "ROW_COUNT", MIN("SERIALKEY") AS "MIN_SERIALKEY", ' +
        'MAX("SERIALKEY") AS "MAX_SERIALKEY", MAX(infor.lastmodified()) AS "MAX_MODIFIED" ' +
        'FROM "CSWMS_wmwhse_ORDERS"',
    );
  });

  test('read every column and when the lake indexed the row', () => {
    expect(dataQuery(source, {}, {})).toBe(
      'SELECT *, infor.lastmodified() AS "LAKE_MODIFIED" FROM "CSWMS_wmwhse_ORDERS"',
    );
  });

  test('read deleted rows too where the object tells of deletes, both in the same view', () => {
    const flagged = { ...source, deleteFlag: true };
    for (const query of [countQuery, dataQuery]) {
      expect(query(flagged, {}, {})).toMatch(
        / FROM infor\.includedeleted\('CSWMS_wmwhse_ORDERS'\)$/,
      );
    }
  });

  test('take no name that is not plain', () => {
    const wrong = [
      () => dataQuery({ ...source, object: 'A" WHERE 1=1 --' }, {}, {}),
      () => dataQuery({ ...source, object: "A') --", deleteFlag: true }, {}, {}),
      () => countQuery({ ...source, serialKey: 'a b' }, {}, {}),
      () => dataQuery(source, { date: { column: 'ADDDATE" OR 1=1', from } }, {}),
    ];
    for (const query of wrong) expect(query).toThrow(AppError);
  });
});

describe('the conditions', () => {
  test.each<[string, QueryFilter, QueryRange, string]>([
    ['nothing', {}, {}, ''],
    ['no warehouses', { whseids: [] }, {}, ''],
    ['warehouses', { whseids: ['wmwhse1', "o'x"] }, {}, `"WHSEID" IN ('wmwhse1', 'o''x')`],
    [
      'dates',
      { date: { column: 'ADDDATE', from, until: to } },
      {},
      `"ADDDATE" >= '2025-01-01T00:00:00.000Z' AND "ADDDATE" < '2025-02-01T00:00:00.000Z'`,
    ],
    ['an open date', { date: { column: 'ADDDATE' } }, {}, ''],
    [
      'changes, the ceiling rounded up',
      {},
      { modifiedFrom: from, modifiedTo: to },
      `infor.lastmodified() >= '2025-01-01T00:00:00.000Z' AND ` +
        `infor.lastmodified() <= '2025-02-01T00:00:00.001Z'`,
    ],
    [
      'serial keys',
      {},
      { serialFrom: 5n, serialBefore: '9' },
      `"SERIALKEY" >= '5' AND "SERIALKEY" < '9'`,
    ],
    [
      'serial keys or none',
      {},
      { serialBefore: 9, withNullSerial: true },
      `(("SERIALKEY" < '9') OR "SERIALKEY" IS NULL)`,
    ],
    ['all serial keys and none', {}, { withNullSerial: true }, ''],
    [
      'all of it',
      { whseids: ['w'], date: { column: 'EDITDATE', from } },
      { modifiedTo: to, serialFrom: 0 },
      `"WHSEID" IN ('w') AND "EDITDATE" >= '2025-01-01T00:00:00.000Z' AND ` +
        `infor.lastmodified() <= '2025-02-01T00:00:00.001Z' AND "SERIALKEY" >= '0'`,
    ],
  ])('for %s', (_, filter, range, expected) => {
    expect(where(filter, range)).toBe(expected);
  });

  test('never compare the lake time by anything but >= and <=', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (lower, upper) => {
        const range = { ...(lower && { modifiedFrom: from }), ...(upper && { modifiedTo: to }) };
        const found = where({}, range).match(/lastmodified\(\) \S+/g) ?? [];
        expect(found).toHaveLength(Number(lower) + Number(upper));
        for (const comparison of found) expect(comparison).toMatch(/\) [<>]=$/);
      }),
    );
  });

  test('are the same whatever a warehouse is called: a value stays within its quotes', () => {
    const name = fc.string({ unit: fc.constantFrom("'", '"', ' ', ')', '-', ';', 'a') });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (whseids) => {
        const outside = where({ whseids }, { modifiedTo: to }).replace(/'(?:[^']|'')*'/g, '?');
        const marks = whseids.map(() => '?').join(', ');
        expect(outside).toBe(`"WHSEID" IN (${marks}) AND infor.lastmodified() <= ?`);
      }),
    );
  });
});

describe('a split by serial key', () => {
  test.each([
    [1n, 100n, 1],
    [7n, 7n, 4],
    [1n, 100n, 0],
  ])('of %i to %i in %i parts is no split', (min, max, parts) => {
    expect(splitBySerial(min, max, parts)).toEqual([{}]);
  });

  test('has open ends, and rows without a key belong to the first part', () => {
    expect(splitBySerial(1n, 100n, 3)).toEqual([
      { serialBefore: 34n, withNullSerial: true },
      { serialFrom: 34n, serialBefore: 67n },
      { serialFrom: 67n },
    ]);
  });

  test('puts every key into one part exactly, and makes parts of equal width', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-1000n, 10n ** 20n),
        fc.bigInt(1n, 10n ** 12n),
        fc.integer({ min: 2, max: 40 }),
        (min, width, parts) => {
          const max = min + width;
          const ranges = splitBySerial(min, max, parts);
          expect(ranges.length).toBeLessThanOrEqual(parts);
          const widths: bigint[] = [];
          let next = min;
          for (const [index, { serialFrom, serialBefore, withNullSerial }] of ranges.entries()) {
            const last = index === ranges.length - 1;
            expect(serialFrom).toBe(index === 0 ? undefined : next);
            expect(withNullSerial).toBe(index === 0 ? true : undefined);
            expect(serialBefore === undefined).toBe(last);
            const end = last ? max + 1n : BigInt(serialBefore ?? 0);
            widths.push(end - next);
            next = end;
          }
          expect(next).toBe(max + 1n);
          const sorted = widths.toSorted((a, b) => Number(a - b));
          expect(Number((sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
