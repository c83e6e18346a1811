import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRows } from '../../src/datafabric/rows.js';
import { AppError } from '../../src/errors/app-error.js';

const NDJSON = 'application/x-ndjson';
const isBad = (error: unknown) => error instanceof AppError && error.code === 'LAKE_BAD_ANSWER';

describe('a page', () => {
  test.each([
    ['[]', []],
    [' [ ] \n', []],
    ['[{"A":"1","B":" "}]', [{ A: '1', B: ' ' }]],
    ['[{},{"a":null,"b":true,"c":1.5}]', [{}, { a: null, b: true, c: 1.5 }]],
  ])('%s is a list of rows', (text, rows) => {
    expect(parseRows(text)).toEqual(rows);
    expect(parseRows(text, 'application/json; charset=utf-8')).toEqual(rows);
  });

  test.each([
    ['', []],
    ['\n', []],
    ['{"a":1}', [{ a: 1 }]],
    ['{"a":1}\r\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ])('of lines, %j, is a list of rows', (text, rows) => {
    expect(parseRows(text, NDJSON)).toEqual(rows);
  });

  test.each([
    [''],
    ['[{"a":1}'],
    ['[{"a":"12345678901234567890'],
    ['{"error":"not a page"}'],
    ['{"a":1}\n{"a":2}'],
    ['null'],
    ['"text"'],
    ['[1]'],
    ['[null]'],
    ['[[]]'],
    ['<html></html>'],
    ['A,B\n1,2'],
  ])('%j is a bad answer', (text) => {
    expect(() => parseRows(text)).toThrow(expect.toSatisfy(isBad));
  });

  test.each(['{"a":1}\n{"a":', '[1]', '1', 'null'])('of lines, %j, is a bad answer', (text) => {
    expect(() => parseRows(text, NDJSON)).toThrow(expect.toSatisfy(isBad));
  });

  test.each([
    ['[{"A":1},null,{"A":2}]', undefined],
    ['{"A":1}\nnull\n{"A":2}', NDJSON],
  ])('%s has two rows, and one that is none', (text, type) => {
    expect(parseRows(text, type)).toEqual([{ A: 1 }, { LAKE_UNPARSABLE: 'null' }, { A: 2 }]);
  });

  test('cut off anywhere is a bad answer', () => {
    const text = JSON.stringify([{ A: 'x', B: 1 }, { A: 'y"]' }]);
    for (let at = 0; at < text.length; at++) {
      expect(() => parseRows(text.slice(0, at))).toThrow(expect.toSatisfy(isBad));
    }
  });

  test('with a column called __proto__ harms nobody', () => {
    const [row = {}] = parseRows('[{"__proto__":{"polluted":true},"A":"1"}]');
    expect(Object.keys(row)).toEqual(['__proto__', 'A']);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});

describe('a page that can hold one row at most', () => {
  const odd = '{"A":"on"e","B":"},{"}';

  test('is that row, whatever stands in it', () => {
    expect(() => parseRows(`[${odd}]`)).toThrow(expect.toSatisfy(isBad));
    expect(parseRows(`[ ${odd} ]\n`, undefined, { isSingle: true })).toEqual([
      { LAKE_UNPARSABLE: odd },
    ]);
    const broken = '{"A":"two\nlines"}';
    expect(() => parseRows(broken, NDJSON)).toThrow(expect.toSatisfy(isBad));
    expect(parseRows(`${broken}\n`, NDJSON, { isSingle: true })).toEqual([{ A: 'two\nlines' }]);
  });

  test.each(['[', '[{"A":"on"', '', '<html>'])('cut off is a bad answer: %j', (text) => {
    expect(() => parseRows(text, undefined, { isSingle: true })).toThrow(expect.toSatisfy(isBad));
  });

  test('has no row, or the one that it has', () => {
    expect(parseRows('[]', undefined, { isSingle: true })).toEqual([]);
    expect(parseRows('', NDJSON, { isSingle: true })).toEqual([]);
    expect(parseRows('{"a":1}\n', NDJSON, { isSingle: true })).toEqual([{ a: 1 }]);
  });

  test('of one row at most that has several has the first one, if that is sound', () => {
    const sound = '{"A":"x},{y"}';
    const odd = '{"A":"x" "}';
    const single = { isSingle: true };
    expect(parseRows(`[${sound} , ${odd}]`, undefined, single)).toEqual([{ A: 'x},{y' }]);
    expect(parseRows(`${sound}\n${odd}`, NDJSON, single)).toEqual([{ A: 'x},{y' }]);
    const bracket = '{"A":"x"},"B":1}';
    expect(parseRows(`[${bracket}]`, undefined, single)).toEqual([{ LAKE_UNPARSABLE: bracket }]);
  });
});

describe('a row that is no JSON', () => {
  const page = (row: string) => `[{"A":"1"},${row}, {"A":"3"}]`;

  test.each([
    ['{"A":"two\nlines"}', { A: 'two\nlines' }],
    ['{"A":"a\u0000\tb \\" c","B":"\u001f"}', { A: 'a\0\tb " c', B: '\u001f' }],
    ['{"A":NaN,"B":-Infinity,"C":[Infinity]}', { A: 'NaN', B: '-Infinity', C: ['Infinity'] }],
    ['{"A":"NaN\n","B":12345678901234567890}', { A: 'NaN\n', B: '12345678901234567890' }],
    ['{"A":"}],[{\n","B":{"C":["]\n"]}}', { A: '}],[{\n', B: { C: [']\n'] } }],
  ])('is repaired, and the others with it: %j', (row, repaired) => {
    expect(parseRows(page(row))).toEqual([{ A: '1' }, repaired, { A: '3' }]);
  });

  test.each([
    '{"A":tru}',
    '{"A":"1",}',
    '{A:"1"}',
    '{"A":"a\\xb"}',
    '{"A":"a\\\nb"}',
    '{"A":1.}',
    '{"A":\udcff}',
    '{"A":"1" "B":"2"}',
    '{"A":NaNs}',
  ])('that can not be repaired comes as its text, alone: %j', (row) => {
    expect(parseRows(page(row))).toEqual([{ A: '1' }, { LAKE_UNPARSABLE: row }, { A: '3' }]);
    expect(parseRows(`{"A":"1"}\n${row.replaceAll('\n', '')}\n`, NDJSON)).toHaveLength(2);
  });

  test('never makes a page whole that was cut off', () => {
    const text = page('{"A":"two\nlines","B":NaN}');
    for (let at = 0; at < text.length; at++) {
      expect(() => parseRows(text.slice(0, at))).toThrow(expect.toSatisfy(isBad));
    }
  });

  test.each(['[{"A":"\n"}] x', '[{"A":"\n"},]', '[{"A":"\n"}{}]', '[{"A":"\n"},1]', '{"A":"\n"}'])(
    'helps no page that is no list of objects: %j',
    (text) => {
      expect(() => parseRows(text)).toThrow(expect.toSatisfy(isBad));
    },
  );

  test('leaves the values of all rows as they were sent, whatever they hold', () => {
    const text = fc.string({
      unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', '\n', 'a', ':'),
    });
    const rows = fc.array(fc.dictionary(text, text, { noNullPrototype: true }));
    fc.assert(
      fc.property(rows, (sent) => {
        // Control characters that JSON wants escaped come raw.
        const raw = JSON.stringify(sent).replaceAll('\\\\', '\0').replaceAll('\\n', '\n');
        const page = `[{"n":"\n"}${sent.length > 0 ? ',' : ''}${raw.replaceAll('\0', '\\\\').slice(1)}`;
        expect(JSON.stringify(parseRows(page).slice(1))).toBe(JSON.stringify(sent));
      }),
    );
  });
});

describe('a number', () => {
  test.each([
    ['9007199254740993', '9007199254740993'],
    ['-12345678901234567890', '-12345678901234567890'],
    ['0.12345678901234567', '0.12345678901234567'],
    ['2.000000000000000', '2.000000000000000'],
    ['1e400', '1e400'],
    ['-1E-400', '-1E-400'],
    ['123456789012345', 123456789012345],
    ['0.000000000000000000001', 1e-21],
    ['1.5e3', 1500],
    ['0e0', 0],
    ['0.0000000000000000000', 0],
    ['-0', -0],
  ])('%s comes as %j', (token, value) => {
    expect(parseRows(`[{"a": ${token},"b":"x"}]`)).toEqual([{ a: value, b: 'x' }]);
    expect(parseRows(`{"a":${token}}\n`, NDJSON)).toEqual([{ a: value }]);
  });

  test('that is text stays as it is, beside long ones', () => {
    const text = '[{"a":"x:12345678901234567890","b\\"c":"\\\\","d":[12345678901234567890]}]';
    expect(parseRows(text)).toEqual([
      { a: 'x:12345678901234567890', 'b"c': '\\', d: ['12345678901234567890'] },
    ]);
  });

  test('is a double only where that is exact: 15 digits always are', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,20})?$/);
    fc.assert(
      fc.property(digits, (token) => {
        const value = parseRows(`[{"a":${token}}]`)[0]?.a;
        const significant = token.replace(/[-.]/g, '').replace(/^0+/, '').length;
        expect(value).toBe(significant > 15 ? token : Number(token));
      }),
    );
  });
});

test('any rows come back as they were sent', () => {
  const value = fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.integer());
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), value, { noNullPrototype: true })), (rows) => {
      const text = JSON.stringify(rows);
      expect(JSON.stringify(parseRows(text))).toBe(text);
      // The slow way, which a long number beside them asks for, changes nothing else.
      const objects = ['{"n":12345678901234567890}', ...rows.map((row) => JSON.stringify(row))];
      const [, ...slow] = parseRows(`[${objects.join(',')}]`);
      expect(JSON.stringify(slow)).toBe(text);
    }),
  );
});
