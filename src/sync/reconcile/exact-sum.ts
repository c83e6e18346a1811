/** An integer without loss: a number where that is exact, else a bigint. So equal ones are `===`. */
export type Exact = number | bigint;

/** A sum of which a part is not known is not known. */
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
