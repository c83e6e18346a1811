import { texts } from '../texts.js';

const numbers = new Intl.NumberFormat(texts.locale);

/** @example 22000 → `22,000` */
export function number(value: number): string {
  return numbers.format(value);
}
