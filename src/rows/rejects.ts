import type { NewReject, RejectStore } from '../store/rejects.js';
import { isDeleteOfAnother } from './reject-key.js';
import type { RejectedRow, UnreadableField } from './rejected-row.js';
import { jsonText, rowText } from './row-text.js';

/** Characters of an unreadable value that a reject shows; `raw` has the whole value, unless clipped. */
const SHOWN_VALUE = 1_000;

/** A row that is stored as a whole, in this version or a later one. */
export interface Arrival {
  readonly identity: string;
  /** The version's index time, epoch milliseconds. */
  readonly modifiedMs: number;
  /** The SERIALKEY of the row that it deletes; absent for a live row. */
  readonly deletedKey?: unknown;
}

interface TableRejects {
  /** Opens or updates one reject per row, with the latest reason, unless a later version is known. */
  open(rejects: readonly RejectedRow[]): Promise<void>;
  /**
   * Closes the rejects of rows that are now stored, unless a later version was rejected.
   * @param rows called only if the table has an open reject
   */
  arrived(rows: () => readonly Arrival[]): Promise<void>;
}

/**
 * The rejects of one table in one slice of a run.
 * @param jobId absent if the rows are not read by a run: then a reject keeps the run it names
 */
export function createTableRejects(
  store: RejectStore,
  tableId: string,
  jobId?: string,
): TableRejects {
  // Usually no reject is open; then a page needs no look-up.
  let anyOpen: boolean | undefined;

  async function open(rows: readonly RejectedRow[]): Promise<void> {
    if (rows.length === 0) return;
    anyOpen = true;
    await store.openAll({ tableId, jobId }, rows.map(newReject));
  }

  async function arrived(rows: () => readonly Arrival[]): Promise<void> {
    anyOpen ??= await store.hasOpen(tableId);
    if (!anyOpen) return;
    const arrivals = byIdentity(rows());
    if (arrivals.size === 0) return;
    const found = await store.findOpen(tableId, [...arrivals.keys()]);
    const over = found.flatMap(({ _id, identity, raw }) => {
      const own = arrivals.get(identity)?.filter((row) => !isDeleteOfAnother(raw, row.deletedKey));
      if (!own || own.length === 0) return [];
      return [{ _id, modifiedAt: new Date(Math.max(...own.map(({ modifiedMs }) => modifiedMs))) }];
    });
    await store.closeArrived(over);
  }

  return { open, arrived };
}

function byIdentity(rows: readonly Arrival[]): Map<string, Arrival[]> {
  const arrivals = new Map<string, Arrival[]>();
  for (const row of rows) {
    const others = arrivals.get(row.identity);
    if (others) others.push(row);
    else arrivals.set(row.identity, [row]);
  }
  return arrivals;
}

/** The raw row is kept as text, since its names and values may be such as BSON can't hold. */
function newReject({ raw, modifiedMs, unreadable, ...reject }: RejectedRow): NewReject {
  const { identity, reason, column, message } = reject;
  return {
    ...{ identity, reason, column, message, raw: rowText(raw) },
    ...(unreadable && { unreadable: unreadable.map(storedField) }),
    ...(modifiedMs !== undefined && { modifiedAt: new Date(modifiedMs) }),
  };
}

/** The value is kept as JSON text, since it may contain what BSON can't hold. */
function storedField({ column, reason, value }: UnreadableField) {
  return { column, reason, value: jsonText(value).slice(0, SHOWN_VALUE) };
}
