import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { compileDecoder, type DecodedRow, type LakeRow } from '../../src/rows/decoder.js';
import { rejectOfFields } from '../../src/rows/rejected-row.js';
import { date, defineTable, number, text } from '../../src/tables/table.js';

/** A table small enough to see: two key columns, one of each kind. */
const table = defineTable({
  tableId: 'stock',
  tableName: 'Stock',
  description: '',
  collection: 'stocks',
  object: 'STOCK',
  key: ['LOC', 'SKU'],
  syncFrequency: 60,
  columns: {
    ...text('WHSEID LOC SKU NOTE'),
    ...number('SERIALKEY QTY'),
    ...date('ADDDATE'),
    DELETED: 'deleteFlag',
  },
});

const MODIFIED = '2026-01-15T08:00:00.123Z';
const base = { WHSEID: 'w1', LOC: 'A-1', SKU: '007', SERIALKEY: '5', LAKE_MODIFIED: MODIFIED };
const decode = (row: LakeRow) => compileDecoder(table).decode(row);

function rowOf(row: LakeRow): DecodedRow {
  const decoded = decode(row);
  if (!decoded.ok) throw new Error(`rejected: ${decoded.reject.reason}`);
  return decoded.row;
}

/** As JSON.parse makes it: `__proto__` is a property like any other. */
const json = (members: string): LakeRow =>
  JSON.parse(`${JSON.stringify(base).slice(0, -1)},${members}}`);

describe('a row', () => {
  it('becomes a document with its key, its columns by kind, and the index time', () => {
    const row = { ...base, QTY: '2.50000', ADDDATE: '2025-06-01T10:20:30.000Z', DELETED: 'false' };
    expect(rowOf(row)).toEqual({
      id: 'w1|A-1|007',
      modifiedMs: Date.parse(MODIFIED),
      deleted: false,
      serialKey: 5,
      serialColumn: 'SERIALKEY',
      surrogate: '?SERIALKEY=5|w1',
      flagColumn: 'DELETED',
      unreadable: [],
      raw: row,
      document: {
        _id: 'w1|A-1|007',
        WHSEID: 'w1',
        LOC: 'A-1',
        SKU: '007',
        SERIALKEY: 5,
        QTY: 2.5,
        ADDDATE: new Date('2025-06-01T10:20:30.000Z'),
        DELETED: 'false',
        _lake: { modifiedAt: new Date(MODIFIED) },
      },
    });
  });

  it('has _id first and _lake last, so that an equal one replaces nothing', () => {
    const names = Object.keys(rowOf(base).document);
    expect([names[0], names.at(-1)]).toEqual(['_id', '_lake']);
  });

  it('leaves out what is NULL, and keeps what is empty or blank', () => {
    const { document } = rowOf({ ...base, NOTE: null, QTY: null, LOC: '', SKU: ' ' });
    expect(document).not.toHaveProperty('NOTE');
    expect(document).not.toHaveProperty('QTY');
    expect(document).toMatchObject({ _id: 'w1|| ', LOC: '', SKU: ' ' });
  });

  it('cuts the index time to the millisecond, since it only orders versions', () => {
    const { modifiedMs } = rowOf({ ...base, LAKE_MODIFIED: '2026-01-15T08:00:00.123987Z' });
    expect(modifiedMs).toBe(Date.parse(MODIFIED));
  });
});

describe('the name of a column', () => {
  it('is known whatever its case, and stored as the definition spells it', () => {
    const row = rowOf({
      whseid: 'w1',
      Loc: 'A-1',
      sku: '007',
      SerialKey: '5',
      Qty: '1.0',
      addDate: '2025-06-01',
      Deleted: 'true',
      lake_modified: MODIFIED,
    });
    expect(row).toMatchObject({
      id: 'w1|A-1|007',
      serialKey: 5,
      serialColumn: 'SERIALKEY',
      surrogate: '?SERIALKEY=5|w1',
      deleted: true,
      flagColumn: 'DELETED',
    });
    expect(row.document).toEqual({
      _id: 'w1|A-1|007',
      WHSEID: 'w1',
      LOC: 'A-1',
      SKU: '007',
      SERIALKEY: 5,
      QTY: 1,
      ADDDATE: new Date('2025-06-01T00:00:00Z'),
      DELETED: 'true',
      _lake: { modifiedAt: new Date(MODIFIED) },
    });
  });

  it('makes the same document in whatever case it comes', () => {
    const { decode: decodeNext, renamedColumns } = compileDecoder(table);
    const lower = Object.fromEntries(
      Object.entries({ ...base, QTY: '1' }).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const documents = [{ ...base, QTY: '1' }, lower].map((row) => {
      const decoded = decodeNext(row);
      return decoded.ok ? Object.entries(decoded.row.document) : [];
    });
    expect(documents[1]).toEqual(documents[0]);
    expect([...renamedColumns]).toContain('"qty" as QTY');
  });

  it('that the definition does not know keeps the spelling that was met first', () => {
    const decoder = compileDecoder(table, { storedNames: ['Stored_Before'] });
    const fields = [{ NewOne: '1' }, { NEWONE: '2', STORED_BEFORE: '3' }].map((more) => {
      const decoded = decoder.decode({ ...base, ...more });
      return decoded.ok ? decoded.row.document : {};
    });
    expect(fields[1]).toMatchObject({ NewOne: '2', Stored_Before: '3' });
    expect([...decoder.unknownColumns]).toEqual(['NewOne', 'Stored_Before']);
    expect([...decoder.renamedColumns]).toEqual([
      '"NEWONE" as NewOne',
      '"STORED_BEFORE" as Stored_Before',
    ]);
  });

  it('may be there twice where the values are the same; else neither is stored', () => {
    expect(rowOf({ ...base, QTY: '1', qty: '1.0' }).document).toMatchObject({ QTY: 1 });
    const { document, unreadable } = rowOf({ ...base, QTY: '1', qty: '2' });
    expect(document).not.toHaveProperty('QTY');
    expect(unreadable).toEqual([{ column: 'QTY', reason: 'column_twice', value: '2' }]);
  });

  it('of the key that is there twice with different values rejects the row', () => {
    expect(decode({ ...base, sku: '008' })).toMatchObject({
      ok: false,
      reject: { reason: 'column_twice', column: 'sku' },
    });
  });

  it('that the definition does not know is kept and reported', () => {
    const decoder = compileDecoder(table);
    const decoded = decoder.decode({ ...base, NEW_ONE: '007', another: true, QTY: '1' });
    expect(decoded).toMatchObject({
      ok: true,
      row: { document: { NEW_ONE: '007', another: true } },
    });
    expect([...decoder.unknownColumns].sort()).toEqual(['NEW_ONE', 'another']);
  });

  it.each([
    ['_id', '%5Fid'],
    ['__proto__', '%5F_proto__'],
    ['$where', '%24where'],
    ['a.b', 'a%2Eb'],
    ['', '%'],
    ['half \ud800', 'half %uD800'],
  ])('is escaped where it is %j, which a document gives another meaning', (name, stored) => {
    const decoder = compileDecoder(table);
    const decoded = decoder.decode(json(`${JSON.stringify(name)}:"x"`));
    const fields = decoded.ok ? Object.entries(decoded.row.document) : [];
    expect(fields).toContainEqual([stored, 'x']);
    expect(fields).toContainEqual(['_id', 'w1|A-1|007']);
    expect([...decoder.unknownColumns]).toEqual([stored]);
    expect([...decoder.renamedColumns]).toEqual([`${JSON.stringify(name)} as ${stored}`]);
  });

  it.each([
    'constructor',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    '_ID',
    'a$b',
    '0',
  ])('may be %s: the value is kept', (name) => {
    const { document } = rowOf(json(`${JSON.stringify(name)}:"x"`));
    expect(Object.entries(document)).toContainEqual([name, 'x']);
  });

  it('of a prototype never reaches another object', () => {
    decode(json('"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}'));
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a value of kind', () => {
  it.each<[string, string, unknown, unknown]>([
    ['text', 'NOTE', '  007 ', '  007 '],
    ['text', 'NOTE', 'nul \u0000 and 🚚', 'nul \u0000 and 🚚'],
    ['text, that comes as a number', 'NOTE', 42, '42'],
    ['text, that comes as a boolean', 'NOTE', false, 'false'],
    ['number', 'QTY', '2.000000000000000', 2],
    ['number, that comes as one', 'QTY', -12.5, -12.5],
    ['number, that is minus zero', 'QTY', -0, 0],
    [
      'number, too long for a double',
      'QTY',
      '12345678901234567.12345',
      mongo.Decimal128.fromString('12345678901234567.12345'),
    ],
    ['date', 'ADDDATE', '0001-01-01T00:00:00.000Z', new Date('0001-01-01T00:00:00.000Z')],
    [
      'date, with a zone',
      'ADDDATE',
      '2025-06-01T02:00:00+02:00',
      new Date('2025-06-01T00:00:00.000Z'),
    ],
    ['none that is known: text', 'NEW', '1.0', '1.0'],
    ['none that is known: number', 'NEW', 1.5, 1.5],
    ['none that is known: boolean', 'NEW', true, true],
    ['none that is known: list', 'NEW', [1, { a: 'b' }], [1, { a: 'b' }]],
  ])('%s', (_kind, name, value, stored) => {
    expect(rowOf({ ...base, [name]: value }).document[name]).toEqual(stored);
  });

  it.each<[string, string, unknown, string]>([
    ['text with half a character', 'NOTE', 'x\ud800', 'text_invalid'],
    ['text that is an object', 'NOTE', {}, 'text_invalid'],
    ['a number that is none', 'QTY', 'seven', 'number_invalid'],
    ['a number that is a boolean', 'QTY', true, 'number_invalid'],
    ['a number of too many digits', 'QTY', `1.${'2'.repeat(40)}`, 'number_too_long'],
    ['a number too close to zero', 'QTY', '1e-20000', 'number_out_of_range'],
    ['a date that the calendar lacks', 'ADDDATE', '2025-02-30', 'date_invalid'],
    ['a date in no zone', 'ADDDATE', '2025-02-03T00:00:00+99:99', 'date_invalid'],
    ['a date that is a number', 'ADDDATE', 1_700_000_000, 'date_invalid'],
    ['half a character in a list', 'NEW', ['x\ud800'], 'text_invalid'],
    ['half a character in a name', 'NEW', { 'x\ud800': 1 }, 'text_invalid'],
    ['a name that ends early', 'NEW', { 'x\u0000y': 1 }, 'text_invalid'],
    ["an object like one of the driver's", 'NEW', { _bsontype: 'ObjectId' }, 'text_invalid'],
    ['an object like a reference', 'NEW', { $ref: 'a', $id: 1 }, 'text_invalid'],
    [
      'lists within lists beyond what MongoDB keeps',
      'NEW',
      JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`),
      'text_invalid',
    ],
  ])('%s costs its field', (_name, column, value, reason) => {
    const { document, unreadable } = rowOf({ ...base, [column]: value });
    expect(unreadable).toEqual([{ column, reason, value }]);
    expect(document).toEqual({
      ...rowOf(base).document,
      _lake: { modifiedAt: new Date(MODIFIED), unreadable: [column] },
    });
  });

  it.each<[string, string, unknown, string]>([
    ['a key with half a character', 'SKU', '\udc00', 'text_invalid'],
    ['a key that is an object', 'SKU', {}, 'text_invalid'],
    ['a SERIALKEY that is no number', 'SERIALKEY', 'five', 'number_invalid'],
    ['a blank SERIALKEY', 'SERIALKEY', ' ', 'number_invalid'],
    ['an index time that is no date', 'LAKE_MODIFIED', 'yesterday', 'modified_missing'],
    ['a blank index time', 'LAKE_MODIFIED', ' ', 'modified_missing'],
    ['an unknown flag', 'DELETED', 'perhaps', 'delete_flag_unknown'],
    ['a flag that is an object', 'DELETED', { toString: 1 }, 'delete_flag_unknown'],
  ])('%s rejects the row', (_name, column, value, reason) => {
    expect(decode({ ...base, [column]: value, QTY: 'seven' })).toMatchObject({
      ok: false,
      reject: { reason, column },
    });
  });
});

describe('unreadable values', () => {
  it('are named in the document, sorted, whatever their order in the row', () => {
    const rows = [
      { ...base, QTY: 'seven', NOTE: {}, ADDDATE: 'never' },
      { ADDDATE: 'never', NOTE: {}, QTY: 'seven', ...base },
    ];
    for (const row of rows) {
      expect(rowOf(row).document._lake.unreadable).toEqual(['ADDDATE', 'NOTE', 'QTY']);
    }
  });

  it('of a deleted row are of no matter', () => {
    const row = rowOf({ ...base, QTY: 'seven', DELETED: 'true' });
    expect(row).toMatchObject({ deleted: true, unreadable: [] });
    expect(row.document._lake).toEqual({ modifiedAt: new Date(MODIFIED) });
  });

  it('make a reject that names the row, its columns and their values', () => {
    const raw = { ...base, QTY: 'seven', ADDDATE: 'never' };
    expect(rejectOfFields(rowOf(raw))).toEqual({
      identity: 'w1|A-1|007',
      reason: 'date_invalid',
      column: 'ADDDATE',
      message: 'ADDDATE: "never"',
      modifiedMs: Date.parse(MODIFIED),
      raw,
      unreadable: [
        { column: 'ADDDATE', reason: 'date_invalid', value: 'never' },
        { column: 'QTY', reason: 'number_invalid', value: 'seven' },
      ],
    });
  });
});

describe('what is counted of a column', () => {
  it.each(['', ' ', ' \t '])('blank text, %j, in a number or date column is NULL', (blank) => {
    const decoder = compileDecoder(table);
    const decoded = decoder.decode({ ...base, QTY: blank, ADDDATE: blank, NOTE: blank });
    expect(decoded.ok && decoded.row.document).toEqual({ ...rowOf(base).document, NOTE: blank });
    expect(decoder.takeCounts()).toEqual([
      { column: 'QTY', blank: 1, cut: 0 },
      { column: 'ADDDATE', blank: 1, cut: 0 },
    ]);
    expect(decoder.takeCounts()).toEqual([]);
  });

  it('a date finer than a millisecond is cut to it', () => {
    const decoder = compileDecoder(table);
    const decoded = decoder.decode({ ...base, ADDDATE: '2025-06-01T10:20:30.1239Z' });
    expect(decoded).toMatchObject({
      ok: true,
      row: { document: { ADDDATE: new Date('2025-06-01T10:20:30.123Z') }, unreadable: [] },
    });
    expect(decoder.takeCounts()).toEqual([{ column: 'ADDDATE', blank: 0, cut: 1 }]);
  });
});

describe('a row that is no JSON', () => {
  it('is a reject with the beginning of its text, told apart by all of it', () => {
    const long = 'x'.repeat(20_000);
    const [one, two] = [`${long}1`, `${long}2`].map((text) => decode({ LAKE_UNPARSABLE: text }));
    expect(one).toMatchObject({
      ok: false,
      reject: {
        identity: expect.stringMatching(/^\?ROW=[0-9a-f]{32}$/),
        reason: 'row_unparsable',
        column: '',
        modifiedMs: undefined,
        raw: { LAKE_UNPARSABLE: 'x'.repeat(10_000) },
      },
    });
    expect(one).not.toMatchObject({ reject: { identity: two?.ok ? '' : two?.reject.identity } });
  });
});

describe('a reject', () => {
  it('names the row, the first column at fault, its value, and holds the raw row', () => {
    const row = { ...base, DELETED: 'perhaps', QTY: 'seven' };
    expect(decode(row)).toEqual({
      ok: false,
      reject: {
        identity: 'w1|A-1|007',
        reason: 'delete_flag_unknown',
        column: 'DELETED',
        message: 'DELETED: "perhaps"',
        modifiedMs: Date.parse(MODIFIED),
        raw: row,
      },
    });
  });

  it.each([
    ['a part of the key', 'SKU', 'key_missing', '?SERIALKEY=5|w1'],
    ['the warehouse', 'WHSEID', 'key_missing', '?SERIALKEY=5|'],
    ['the index time', 'LAKE_MODIFIED', 'modified_missing', 'w1|A-1|007'],
  ])('tells that %s is missing', (_what, column, reason, identity) => {
    const rest = Object.fromEntries(Object.entries(base).filter(([name]) => name !== column));
    expect(decode(rest)).toMatchObject({
      ok: false,
      reject: { identity, reason, column, message: expect.stringMatching(`^${column}: \\w`) },
    });
  });

  it('of a row without any key is another one than that of the next such row', () => {
    const identities = ['a', 'b', 'a'].map((NOTE) => {
      const decoded = decode({ WHSEID: 'w1', NOTE, LAKE_MODIFIED: MODIFIED });
      return decoded.ok ? undefined : decoded.reject.identity;
    });
    expect(new Set(identities).size).toBe(2);
    expect(identities[0]).toBe(identities[2]);
  });

  it('shows no more than the beginning of a long value', () => {
    const decoded = decode({ ...base, DELETED: 'x'.repeat(10_000) });
    expect(decoded).toMatchObject({ ok: false });
    expect(decoded.ok ? '' : decoded.reject.message.length).toBeLessThan(120);
  });
});

describe('the delete flag', () => {
  it('leaves a row without one alive', () => {
    expect(rowOf(base)).toMatchObject({ deleted: false, flagColumn: undefined });
  });

  it('is stored as the lake has it', () => {
    expect(rowOf({ ...base, DELETED: true }).document.DELETED).toBe(true);
    expect(rowOf({ ...base, DELETED: 'Y' }).document.DELETED).toBe('Y');
  });
});
