/**
 * Returns a test of whether documents of a warehouse are compared. Case-insensitive: a lake with
 * such a collation lists the warehouse in every spelling, and all of them belong to the run.
 * @param whseids warehouses that the run covers; undefined: all
 */
export function scopeTest(
  whseids: readonly string[] | undefined,
): (whseid: string | undefined) => boolean {
  if (!whseids) return () => true;
  const known = new Set(whseids.map((whseid) => whseid.toLowerCase()));
  return (whseid) => whseid !== undefined && known.has(whseid.toLowerCase());
}
