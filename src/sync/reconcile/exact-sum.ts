/** An exact integer: a number if that is exact, else a bigint, so that equal ones are `===`. */
export type Exact = number | bigint;

/** The exact sum; undefined if one of the addends is unknown. */
export function addExact(a: Exact | undefined, b: Exact | undefined): Exact | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  const number = Number(sum);
  return Number.isSafeInteger(number) ? number : sum;
}
