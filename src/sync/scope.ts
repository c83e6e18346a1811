/** Whether `outer` covers every warehouse of `inner`; undefined: all warehouses. */
export function covers(
  outer: readonly string[] | undefined,
  inner: readonly string[] | undefined,
): boolean {
  if (!outer) return true;
  return inner?.every((whseid) => outer.includes(whseid)) ?? false;
}

/** Whether both lists have the same warehouses, in any order; undefined: all warehouses. */
export function sameScope(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): boolean {
  return covers(a, b) && covers(b, a);
}
