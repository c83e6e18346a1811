import type { ContestedRow } from '../models/reading.js';
import type { Meeting } from '../store/row-writes.js';
import type { TableDefinition } from '../tables/table.js';
import type { DecodedRow } from './decoder.js';
import { rejectKey } from './reject-key.js';
import {
  isInferredDelete,
  isStoredDelete,
  storedEpoch,
  storedModifiedMs,
  storedSerialKey,
} from './stored-row.js';

/**
 * The contested rows among those under whose key something else was stored: the lake is queried
 * again if that is a newer version of the same row than the lake showed, or another live row.
 */
export function contestedRows(
  table: TableDefinition,
  met: readonly Meeting<DecodedRow>[],
  epoch: number,
): ContestedRow[] {
  return met.flatMap(({ row, stored }) => {
    const kind = kindOf(row, stored, epoch);
    const key = kind && rejectKey(table, row.raw);
    if (!kind || !key) return [];
    const serialKey = String(row.serialKey);
    return [{ identity: row.id, kind, key, serialKey, epoch: storedEpoch(stored) }];
  });
}

function kindOf(
  row: DecodedRow,
  stored: Meeting['stored'],
  epoch: number,
): ContestedRow['kind'] | undefined {
  const storedMs = storedModifiedMs(stored);
  const storedKey = storedSerialKey(stored);
  // The document was not written by this backend.
  if (storedMs === undefined) return undefined;
  if (storedEpoch(stored) > epoch) return 'epoch';
  if (String(storedKey) === String(row.serialKey)) {
    // The time of an inferred delete is not an index time.
    const isNewer = storedMs > row.modifiedMs && !isInferredDelete(stored);
    return storedEpoch(stored) === epoch && isNewer ? 'older' : undefined;
  }
  if (storedKey === null || row.serialKey === null) return undefined;
  return row.deleted || isStoredDelete(stored) ? undefined : 'twin';
}
