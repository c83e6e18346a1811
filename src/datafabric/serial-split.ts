import type { QueryRange } from './query-builder.js';

type SerialRange = Pick<QueryRange, 'serialFrom' | 'serialTo' | 'withNullSerial'>;

/**
 * Cuts the serial keys from `min` to `max` (both as the count query gave them) into at most
 * `parts` ranges of equal width that leave no key out and share none. The outer ends are open,
 * so that a key beyond what was counted is read too, and the first one takes the rows without
 * a key. `{}`, all keys, where there is nothing to cut.
 */
export function splitBySerial(min: bigint, max: bigint, parts: number): SerialRange[] {
  const width = max - min + 1n;
  if (width < 2n || parts < 2) return [{}];
  const count = width < BigInt(parts) ? width : BigInt(parts);
  return Array.from({ length: Number(count) }, (_, index) => {
    const part = BigInt(index);
    const first = min + (part * width) / count;
    const last = min + ((part + 1n) * width) / count - 1n;
    if (part === 0n) return { serialTo: last, withNullSerial: true };
    return part === count - 1n ? { serialFrom: first } : { serialFrom: first, serialTo: last };
  });
}
