import type { DecodedRow } from '../../rows/decoder.js';
import type { StoredVersion } from '../../store/row-comparison.js';

/** Whether a live row of the lake is what is stored under its key, as far as its version tells. */
export function isSameVersion(row: DecodedRow, stored: StoredVersion | undefined): boolean {
  if (!stored || stored.deleted || stored.modifiedMs !== row.modifiedMs) return false;
  // The groups go by the warehouse that a document names, and its key may name another one.
  if (stored.whseid !== row.document.WHSEID) return false;
  return String(stored.serialKey) === String(row.serialKey);
}
