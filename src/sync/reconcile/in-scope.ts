/**
 * Whether documents of a warehouse are compared. Without regard to case: a lake whose collation has
 * none lists the warehouse in every spelling, and then all of them are the run's.
 * @param whseids warehouses that the run covers; undefined: all
 */
export function scopeTest(
  whseids: readonly string[] | undefined,
): (whseid: string | undefined) => boolean {
  if (!whseids) return () => true;
  const known = new Set(whseids.map((whseid) => whseid.toLowerCase()));
  return (whseid) => whseid !== undefined && known.has(whseid.toLowerCase());
}
