import fc from 'fast-check';
import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { exactNumber } from '../../src/rows/number.js';

const { Decimal128 } = mongo.BSON;

describe('exactNumber', () => {
  it.each([
    ['2.000000000000000', 2],
    ['0.500000000000000', 0.5],
    ['0', 0],
    ['-0.000', 0],
    ['-12.34', -12.34],
    ['+7', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['1E+3', 1000],
    ['0.1', 0.1],
    ['9007199254740992', 9007199254740992],
    ['123456789012345.000000000000000', 123456789012345],
  ])('reads %s as the double %d', (text, expected) => {
    expect(exactNumber(text)).toBe(expected);
  });

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567.123450000000000', '12345678901234567.12345'],
    ['-99999999999999999.99999', '-99999999999999999.99999'],
    ['0.12345678901234567890', '0.1234567890123456789'],
  ])('keeps %s, which no double holds, as a Decimal128', (text, expected) => {
    const value = exactNumber(text);
    expect(value).toBeInstanceOf(Decimal128);
    expect(String(value)).toBe(expected);
  });

  it.each(['', ' ', 'abc', '1,5', '1 2', '--1', 'NaN', 'Infinity', '.', '0x10', '1e', '5 '])(
    'says that %j is no number',
    (text) => {
      expect(exactNumber(text)).toBe('number_invalid');
    },
  );

  it('rejects more digits than a Decimal128 holds instead of rounding', () => {
    expect(exactNumber('1234567890123456789012345678901234.5')).toBe('number_too_long');
    expect(exactNumber(`0.${'1'.repeat(35)}`)).toBe('number_too_long');
  });

  it.each(['1E7000', '-1e7000', '1e-20000', '-1E-6177', `1e${'9'.repeat(400)}`, '1E-99999999999'])(
    'says that %s is out of the range of a Decimal128, instead of making 0 or Infinity of it',
    (text) => {
      expect(exactNumber(text)).toBe('number_out_of_range');
    },
  );

  it.each([
    ['1E-6176', '1E-6176'],
    ['12.345E-6173', '1.2345E-6172'],
    ['9E6144', '9.000000000000000000000000000000000E+6144'],
  ])('keeps %s, at the end of that range', (text, printed) => {
    expect(String(exactNumber(text))).toBe(printed);
  });

  it('takes zero for zero whatever its exponent', () => {
    expect(exactNumber('0e99999')).toBe(0);
  });

  it('never changes the value of a decimal(22,5), in whatever form the lake writes it', () => {
    const decimal = fc.tuple(
      fc.boolean(),
      fc.bigInt({ min: 0n, max: 10n ** 17n - 1n }),
      fc.integer({ min: 0, max: 99_999 }),
      fc.integer({ min: 0, max: 10 }),
    );
    fc.assert(
      fc.property(decimal, ([negative, whole, fraction, zeros]) => {
        const digits = `${whole}.${String(fraction).padStart(5, '0')}`;
        const text = `${negative ? '-' : ''}${digits}${'0'.repeat(zeros)}`;
        const value = exactNumber(text);
        const scaled = BigInt(`${whole}${String(fraction).padStart(5, '0')}`);
        expect(toScaled(String(value))).toBe(negative ? -scaled : scaled);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A printed number times 100,000, in exact arithmetic. */
function toScaled(printed: string): bigint {
  const [, sign, whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(printed) ?? [];
  const shift = 5 + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === '-' ? -scaled : scaled;
}
