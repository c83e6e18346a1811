/** A count as one reads it: 22,000. */
export function number(value: number): string {
  return value.toLocaleString('en');
}
