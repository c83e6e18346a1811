import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ceilingLiteral,
  integerLiteral,
  quoteName,
  quoteText,
  timestampLiteral,
} from '../../src/datafabric/sql.js';
import { AppError } from '../../src/errors/app-error.js';

const isRefusal = (error: unknown) =>
  error instanceof AppError && error.code === 'VALIDATION_FAILED';

describe('a text literal', () => {
  test.each([
    ['wmwhse1', "'wmwhse1'"],
    ['', "''"],
    [' ', "' '"],
    ["O'Brien", "'O''Brien'"],
    ["' OR 1=1 --", "''' OR 1=1 --'"],
    ['数量 😀', "'数量 😀'"],
  ])('%j is %s', (value, literal) => {
    expect(quoteText(value)).toBe(literal);
  });

  test.each(['a\0b', '\\', "\\' OR 1=1 --", '\ud800'])('%j is refused', (value) => {
    expect(() => quoteText(value)).toThrow(expect.toSatisfy(isRefusal));
  });

  test('says the same value, and its quotes close nowhere but at its end', () => {
    const text = fc.string({ unit: fc.oneof(fc.constantFrom("'", '"', '-', ';'), fc.string()) });
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(!/[\0\\]/.test(value) && value.isWellFormed());
        const literal = quoteText(value);
        const inner = literal.slice(1, -1);
        expect([literal.at(0), literal.at(-1)]).toEqual(["'", "'"]);
        expect(inner.replaceAll("''", '')).not.toContain("'");
        expect(inner.replaceAll("''", "'")).toBe(value);
      }),
    );
  });
});

describe('a name', () => {
  test.each(['SERIALKEY', 'CSWMS_wmwhse_TASKDETAIL', '_x', 'EXT_UDF_STR1', 'a$b'])('%s', (name) => {
    expect(quoteName(name)).toBe(`"${name}"`);
  });

  test.each(['', '1A', 'A B', 'A"B', 'A;', 'A.B', 'Ä', 'A\n', '"A"'])('%j is refused', (name) => {
    expect(() => quoteName(name)).toThrow(expect.toSatisfy(isRefusal));
  });
});

describe('a timestamp', () => {
  test('is written in UTC with milliseconds, as the lake writes it', () => {
    expect(timestampLiteral(new Date(Date.UTC(2025, 0, 31, 23, 59, 59, 7)))).toBe(
      "'2025-01-31T23:59:59.007Z'",
    );
  });

  test('sorts as text in the order of time', () => {
    const instant = fc.date({
      min: new Date('1900-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        expect(timestampLiteral(a) < timestampLiteral(b)).toBe(a < b);
      }),
    );
  });

  test('that is no date, or has a longer year, is a fault', () => {
    expect(() => timestampLiteral(new Date(Number.NaN))).toThrow(RangeError);
    expect(() => timestampLiteral(new Date(Date.UTC(10000, 0, 1)))).toThrow(RangeError);
  });

  test('as a ceiling is a millisecond later', () => {
    expect(ceilingLiteral(new Date('2024-12-31T23:59:59.999Z'))).toBe("'2025-01-01T00:00:00.000Z'");
  });
});

describe('an integer', () => {
  test.each([
    [0, "'0'"],
    [-5, "'-5'"],
    ['00042', "'00042'"],
    [12345678901234567890n, "'12345678901234567890'"],
    ['12345678901234567890', "'12345678901234567890'"],
  ])('%s is %s', (value, literal) => {
    expect(integerLiteral(value)).toBe(literal);
  });

  test.each([1.5, 2 ** 53, Number.NaN, '', '1.0', '1e3', "1' OR '1", '1\n', ' 1'])(
    '%j is refused',
    (value) => {
      expect(() => integerLiteral(value)).toThrow(expect.toSatisfy(isRefusal));
    },
  );
});
