import type { DecodedRow } from '../../rows/decoder.js';
import type { StoredVersion } from '../../store/row-comparison.js';

/** Whether a live row of the lake has the version that is stored under its key. */
export function isSameVersion(row: DecodedRow, stored: StoredVersion | undefined): boolean {
  if (!stored || stored.deleted || stored.modifiedMs !== row.modifiedMs) return false;
  // Groups use a document's WHSEID, which may differ from the warehouse in its key.
  if (stored.whseid !== row.document.WHSEID) return false;
  return String(stored.serialKey) === String(row.serialKey);
}
