import type { DecodedRow } from './decoder.js';

/** What is to be written of a page, and in which order. */
interface Newest {
  /**
   * Deleted rows, to be written before the live ones and one round after the other: each round has
   * a key at most once.
   */
  readonly deleted: readonly DecodedRow[][];
  /** The live row of each key. */
  readonly live: readonly DecodedRow[];
  /** Rows that are not written, since another row with the same key is. */
  readonly superseded: number;
  /** Of these: live rows whose key another live row has, too. */
  readonly collisions: number;
}

/**
 * The newest live row of each key, and the newest delete of each row: a business key can be reused
 * after a delete, so that a page may have several rows with one key. Which of them is stored is
 * not known here, hence each delete is written.
 */
export function newestOfEachKey(rows: readonly DecodedRow[]): Newest {
  const first = new Map<string, DecodedRow>();
  // Nearly every key occurs only once: that must be cheap.
  const shared = new Map<string, DecodedRow[]>();
  for (const row of rows) {
    const other = first.get(row.id);
    const sharing = shared.get(row.id);
    if (sharing) sharing.push(row);
    else if (other) shared.set(row.id, [other, row]);
    else first.set(row.id, row);
  }

  const deleted: DecodedRow[][] = [];
  const live: DecodedRow[] = [];
  let collisions = 0;
  for (const [id, only] of first) {
    const sharing = shared.get(id);
    if (!sharing && !only.deleted) {
      live.push(only);
      continue;
    }
    const versions = newestOfEachSurrogate(sharing ?? [only]).sort(byTime);
    versions
      .filter((row) => row.deleted)
      .forEach((row, round) => {
        deleted[round] ??= [];
        deleted[round].push(row);
      });
    const alive = versions.filter((row) => !row.deleted);
    const newest = alive.at(-1);
    if (newest) live.push(newest);
    collisions += Math.max(0, alive.length - 1);
  }
  const kept = live.length + deleted.reduce((sum, round) => sum + round.length, 0);
  return { deleted, live, superseded: rows.length - kept, collisions };
}

/** The later of one row's versions; in a tie the live one. */
function newestOfEachSurrogate(rows: readonly DecodedRow[]): DecodedRow[] {
  const bySurrogate = new Map<string, DecodedRow>();
  for (const row of rows) {
    const surrogate = String(row.serialKey);
    const other = bySurrogate.get(surrogate);
    if (!other || isNewer(row, other)) bySurrogate.set(surrogate, row);
  }
  return [...bySurrogate.values()];
}

function isNewer(a: DecodedRow, b: DecodedRow): boolean {
  return a.modifiedMs === b.modifiedMs ? !a.deleted : a.modifiedMs > b.modifiedMs;
}

/** Sorts by index time, then by surrogate key: the last one wins. */
function byTime(a: DecodedRow, b: DecodedRow): number {
  return a.modifiedMs - b.modifiedMs || Number(a.serialKey) - Number(b.serialKey);
}
