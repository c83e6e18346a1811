import fc from 'fast-check';
import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { canonicalDecimal } from '../../dev/compare/decimal.js';
import type { RowDocument } from '../../src/models/row.js';
import { compileDecoder } from '../../src/rows/decoder.js';
import type { LakeRow, RejectedRow } from '../../src/rows/rejected-row.js';
import { foldedName, storableName } from '../../src/tables/column-name.js';
import { taskdetail } from '../../src/tables/taskdetail.js';

const MODIFIED = 'LAKE_MODIFIED';
const KEYS = ['WHSEID', 'TASKDETAILKEY'];
const known = Object.entries(taskdetail.columns);
const names = (kind: string) => known.filter(([, k]) => k === kind).map(([name]) => name);

/** Any text, half characters and control characters too. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom('', ' ', '007', '\u0000', '\ud800', '{"$gt": ""}'),
);
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.tuple(fc.bigInt(), fc.nat(99_999)).map(([whole, part]) => `${whole}.${part}`),
  fc.tuple(fc.integer(), fc.integer({ min: -400, max: 400 })).map(([n, e]) => `${n}e${e}`),
);
const anyDate = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const anyValue = fc.oneof(
  { weight: 3, arbitrary: anyText },
  { weight: 3, arbitrary: anyNumber },
  { weight: 2, arbitrary: anyDate },
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ stringUnit: 'binary' }),
  fc.dictionary(
    fc.constantFrom('$ref', '$id', '_bsontype', 'toString', 'toBSON', '__proto__'),
    anyText,
  ),
);
const anyName = fc.oneof(
  fc.constantFrom(...known.map(([name]) => name), ...KEYS, MODIFIED),
  fc.constantFrom(
    '_id',
    '_lake',
    '__proto__',
    '$x',
    'a.b',
    'constructor',
    'toString',
    '_bsontype',
    'sku',
    'Qty',
    '',
  ),
  anyText,
);
const LIVE_ROW = { WHSEID: 'w', TASKDETAILKEY: '1', [MODIFIED]: '2026-01-15T08:00:00.000Z' };
/** A row as it comes out of the lake's JSON; most have a key. */
const anyRow = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(anyName, anyValue), { maxLength: 8 }))
  .map(([withKey, members]): LakeRow => {
    const all = [...(withKey ? Object.entries(LIVE_ROW) : []), ...members];
    const text = all.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    return JSON.parse(`{${text.join()}}`);
  });

/** The document as MongoDB gives it back. */
const stored = (document: RowDocument): Record<string, unknown> =>
  mongo.BSON.deserialize(mongo.BSON.serialize(document));

describe('any row of the lake', () => {
  it('is stored so that each value can be had back exactly, or is told to lack it', () => {
    let decodedRows = 0;
    fc.assert(
      fc.property(anyRow, (row) => {
        const decoded = compileDecoder(taskdetail).decode(row);
        if (!decoded.ok) return expectReject(row, decoded.reject);
        // Of a deleted row nothing is stored but which one it is.
        if (decoded.row.deleted) return;
        decodedRows++;
        const { _id, _lake, ...fields } = stored(decoded.row.document);
        const { unreadable = [] } = _lake as { unreadable?: string[] };
        expect(unreadable).toEqual([...new Set(unreadable)].sort());
        const expected = Object.entries(row).filter(
          ([name, value]) =>
            value !== null &&
            foldedName(name) !== MODIFIED &&
            !unreadable.includes(storedAs(name)) &&
            !isBlank(name, value),
        );
        const names = new Set(expected.map(([name]) => storedAs(name)));
        expect(new Set(Object.keys(fields).map(foldedName))).toEqual(
          new Set([...names].map(foldedName)),
        );
        for (const [name, value] of expected) {
          const spelling = Object.keys(fields).find(
            (field) => foldedName(field) === foldedName(storedAs(name)),
          );
          expectSame(name, value, fields[spelling ?? '']);
        }
      }),
      { numRuns: 3000 },
    );
    expect(decodedRows).toBeGreaterThan(100);
  });

  it.each(['number', 'date', 'text'])('costs no more than the field of kind %s', (kind) => {
    const column = fc.constantFrom(
      ...names(kind).filter((name) => !KEYS.includes(name) && name !== 'SERIALKEY'),
    );
    fc.assert(
      fc.property(column, anyValue, (name, value) => {
        const decoded = compileDecoder(taskdetail).decode({ ...LIVE_ROW, [name]: value });
        if (!decoded.ok) throw new Error(decoded.reject.message);
        const { document, unreadable } = decoded.row;
        if (unreadable.length > 0) {
          expect(unreadable).toMatchObject([{ column: name, value }]);
          expect(document._lake.unreadable).toEqual([name]);
        } else if (value !== null && !isBlank(name, value)) {
          expectSame(name, value, stored(document)[name]);
          return;
        }
        expect(document).not.toHaveProperty(name);
      }),
      { numRuns: 1000 },
    );
  });

  it('decodes to the same again, whatever the decoder met before', () => {
    const decoder = compileDecoder(taskdetail);
    fc.assert(
      fc.property(anyRow, anyRow, (row, other) => {
        const first = decoder.decode(row);
        decoder.decode(other);
        expect(decoder.decode(row)).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});

function expectReject(row: LakeRow, { identity, reason, column, message, raw }: RejectedRow) {
  expect(raw).toBe(row);
  expect(identity).not.toBe('');
  expect(reason).toMatch(/^[a-z_]+$/);
  expect(message.startsWith(`${column}: `)).toBe(true);
  expect([...KEYS, MODIFIED, ...Object.keys(row)]).toContain(column);
}

/** A known column's name in capitals, another one's escaped. */
function storedAs(name: string): string {
  const folded = foldedName(name);
  return folded in taskdetail.columns ? folded : storableName(name);
}

function isBlank(name: string, value: unknown): boolean {
  const kind = taskdetail.columns[foldedName(name)];
  return (kind === 'number' || kind === 'date') && typeof value === 'string' && !value.trim();
}

function expectSame(name: string, value: unknown, field: unknown): void {
  switch (taskdetail.columns[name.toUpperCase()]) {
    case 'number':
      expect(typeof field === 'number' || field instanceof mongo.Decimal128).toBe(true);
      expect(Number.isNaN(Number(String(field)))).toBe(false);
      expect(canonicalDecimal(String(field))).toBe(
        canonicalDecimal(String(value).replace('+', '')),
      );
      break;
    case 'date':
      expect(field).toBeInstanceOf(Date);
      expect((field as Date).toISOString()).toBe(new Date(String(value)).toISOString());
      break;
    case 'text':
      expect(field).toBe(String(value));
      break;
    default:
      expect(field).toEqual(value);
  }
}
