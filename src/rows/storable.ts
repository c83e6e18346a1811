/** MongoDB keeps 100 levels in all. */
const MAX_DEPTH = 90;
/** Name by which the driver takes an object for one of its own types. */
const DRIVER_TYPE = '_bsontype';

/**
 * Whether a JSON value of a column that no definition knows comes back from MongoDB as it
 * went in. Most are plain; what is not would be changed without a word, or would fail the
 * whole batch that it is written with.
 */
export function isStorable(value: unknown, depth = 0): boolean {
  // BSON would replace half a surrogate pair without saying so.
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  const inner = Array.isArray(value) ? value : Object.values(value);
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return names.every(isStorableName) && inner.every((one) => isStorable(one, depth + 1));
}

/** Whether MongoDB and its driver take a field's name for nothing but a name. */
export function isStorableName(name: string): boolean {
  return (
    name !== DRIVER_TYPE && !name.startsWith('$') && !name.includes('\0') && name.isWellFormed()
  );
}
