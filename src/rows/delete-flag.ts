/** The spellings of a delete flag seen in Infor's objects; they differ by application. */
export const DELETED_VALUES = ['true', 't', '1', 'y', 'yes', 'deleted'] as const;
const DELETED: ReadonlySet<string> = new Set(DELETED_VALUES);
const LIVE = new Set(['false', 'f', '0', 'n', 'no', '', ' ']);

/** Whether a delete flag marks its row as deleted; undefined for an unknown value. */
export function readDeleteFlag(value: unknown): boolean | undefined {
  if (typeof value === 'object') return undefined;
  const text = String(value).toLowerCase();
  if (DELETED.has(text)) return true;
  return LIVE.has(text) ? false : undefined;
}
