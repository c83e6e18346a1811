import type { QueryRange } from './query-builder.js';

type SerialRange = Pick<QueryRange, 'serialFrom' | 'serialBefore' | 'withNullSerial'>;

/**
 * Cuts the serial keys from `min` to `max` (as the count query returned them) into at most `parts`
 * half-open ranges of equal width. Each begins where the previous one ends, and the outer ends are
 * open, so that no value is left out, whatever its type; the first one includes the rows without a
 * key. `{}`, all keys, if there is nothing to cut.
 */
export function splitBySerial(min: bigint, max: bigint, parts: number): SerialRange[] {
  const width = max - min + 1n;
  if (width < 2n || parts < 2) return [{}];
  const count = width < BigInt(parts) ? width : BigInt(parts);
  return Array.from({ length: Number(count) }, (_, index) => {
    const part = BigInt(index);
    const first = min + (part * width) / count;
    const next = min + ((part + 1n) * width) / count;
    if (part === 0n) return { serialBefore: next, withNullSerial: true };
    return part === count - 1n ? { serialFrom: first } : { serialFrom: first, serialBefore: next };
  });
}
