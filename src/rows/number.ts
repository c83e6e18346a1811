import { mongo } from 'mongoose';

const { Decimal128 } = mongo.BSON;
type Decimal128 = InstanceType<typeof Decimal128>;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
// What nearly every number looks like: at most 15 digits, then zeros.
const USUAL = /^\d{1,9}(?:\.\d{1,6}0*)?$/;
/** A decimal of up to 15 significant digits survives the conversion to a double and back (IEEE 754). */
const SAFE_DIGITS = 15;

/** The range of a Decimal128: digits · 10^exponent (IEEE 754-2008, decimal128). */
const MAX_DIGITS = 34;
const LEAST_EXPONENT = -6176;
const GREATEST_EXPONENT = 6111;

export type NumberProblem = 'number_invalid' | 'number_too_long' | 'number_out_of_range';

/**
 * A decimal number's text as the number that MongoDB stores: a double if the double
 * prints as the very same decimal, else a Decimal128; `2.000` is 2. Never rounded.
 * @returns the problem's name if the text is not a number, or one that a Decimal128 can't hold
 *   because it has too many digits, is too large, or too close to zero
 */
export function exactNumber(text: string): number | Decimal128 | NumberProblem {
  if (USUAL.test(text)) return Number(text);
  const parts = DECIMAL.exec(text);
  if (!parts) return 'number_invalid';
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  if (whole === '' && fraction === '') return 'number_invalid';

  const { digits, scale } = canonical(whole, fraction, Number(exponent));
  if (digits === '') return 0;
  const double = Number(text);
  if (digits.length <= SAFE_DIGITS && Math.abs(scale) <= 200) return double;
  if (Number.isFinite(double) && printsAs(double, digits, scale)) return double;
  if (digits.length > MAX_DIGITS) return 'number_too_long';
  if (!isInRange(digits.length, scale)) return 'number_out_of_range';
  return Decimal128.fromString(`${sign === '-' ? '-' : ''}${digits}E${scale}`);
}

/** value = digits · 10^scale, with neither leading nor trailing zeros in digits. */
function canonical(whole: string, fraction: string, exponent: number) {
  const all = whole + fraction;
  let start = 0;
  let end = all.length;
  while (start < end && all.charCodeAt(start) === 48) start++;
  while (end > start && all.charCodeAt(end - 1) === 48) end--;
  return { digits: all.slice(start, end), scale: exponent - fraction.length + (all.length - end) };
}

function printsAs(double: number, digits: string, scale: number): boolean {
  const printed = DECIMAL.exec(String(double));
  if (!printed) return false;
  const own = canonical(printed[2] ?? '', printed[3] ?? '', Number(printed[4] ?? '0'));
  return own.digits === digits && own.scale === scale;
}

/**
 * A large number may move zeros from its exponent to its digits. A tiny one can't, and the driver
 * would turn it into 0.
 */
function isInRange(digits: number, scale: number): boolean {
  return scale >= LEAST_EXPONENT && scale <= GREATEST_EXPONENT + MAX_DIGITS - digits;
}
