/** Whether `inner` asks for no warehouse that `outer` doesn't cover; undefined is all of them. */
export function covers(
  outer: readonly string[] | undefined,
  inner: readonly string[] | undefined,
): boolean {
  if (!outer) return true;
  return inner?.every((whseid) => outer.includes(whseid)) ?? false;
}

export function sameScope(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): boolean {
  return covers(a, b) && covers(b, a);
}
