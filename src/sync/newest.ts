import type { DecodedRow } from '../tables/decoder.js';

interface Newest {
  readonly rows: DecodedRow[];
  /** Rows that gave way to another row with the same key. */
  readonly superseded: number;
  /** Of these: live rows, beside a live row with another surrogate key. */
  readonly collisions: number;
}

/**
 * One row for each key. A business key can be used again after a delete, so one page may
 * hold the deleted row and the live one.
 */
export function newestOfEachKey(rows: readonly DecodedRow[]): Newest {
  const byId = new Map<string, DecodedRow>();
  let collisions = 0;
  for (const row of rows) {
    const other = byId.get(row.id);
    if (!other) {
      byId.set(row.id, row);
      continue;
    }
    if (!row.deleted && !other.deleted && !sameSurrogate(row, other)) collisions++;
    byId.set(row.id, preferred(row, other));
  }
  return { rows: [...byId.values()], superseded: rows.length - byId.size, collisions };
}

/** Of two different rows the live one; else the later version; in ties live, then the higher key. */
function preferred(a: DecodedRow, b: DecodedRow): DecodedRow {
  const live = a.deleted ? b : a;
  if (a.deleted !== b.deleted && !sameSurrogate(a, b)) return live;
  if (a.modifiedMs !== b.modifiedMs) return a.modifiedMs > b.modifiedMs ? a : b;
  if (a.deleted !== b.deleted) return live;
  return Number(a.serialKey) > Number(b.serialKey) ? a : b;
}

function sameSurrogate(a: DecodedRow, b: DecodedRow): boolean {
  return String(a.serialKey) === String(b.serialKey);
}
