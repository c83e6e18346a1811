/** MongoDB allows 100 levels of nesting in all. */
const MAX_DEPTH = 90;
/** The driver takes an object with this field for one of its own types. */
const DRIVER_TYPE = '_bsontype';

/**
 * Whether MongoDB returns a JSON value of an unknown column unchanged. Other values would be
 * changed silently, or would fail the whole batch in which they are written.
 */
export function isStorable(value: unknown, depth = 0): boolean {
  // BSON would silently replace an unpaired surrogate.
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  const inner = Array.isArray(value) ? value : Object.values(value);
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return names.every(isStorableName) && inner.every((one) => isStorable(one, depth + 1));
}

/** Whether MongoDB and its driver give a field's name no special meaning. */
export function isStorableName(name: string): boolean {
  return (
    name !== DRIVER_TYPE && !name.startsWith('$') && !name.includes('\0') && name.isWellFormed()
  );
}
