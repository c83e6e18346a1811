import { mongo } from 'mongoose';
import type { Models } from '../models/index.js';
import type { SyncReject } from '../models/sync-reject.js';
import { DUPLICATE_KEY } from '../store/driver/mongo-error.js';
import { native } from '../store/driver/native.js';
import { type RetryBudget, withRetry } from '../store/driver/retry.js';
import { isDeleteOfAnother } from './reject-key.js';
import type { RejectedRow, UnreadableField } from './rejected-row.js';
import { jsonText, rowText } from './row-text.js';

/** A row without any key; a SERIALKEY without warehouse may be that of several rows. */
const NO_KEY = /^\?ROW=|^\?SERIALKEY=[^|]*\|$/;
/** Characters of an unreadable value that a reject shows; its raw row has all of them, unless it is too long. */
const SHOWN_VALUE = 1_000;

/** A row that is stored as a whole, in this version or a later one. */
export interface Arrival {
  readonly identity: string;
  /** The version's index time, epoch milliseconds. */
  readonly modifiedMs: number;
  /** The SERIALKEY of the row that it deletes; left out where it is alive. */
  readonly deletedKey?: unknown;
}

export interface RejectsContext extends RetryBudget {
  readonly models: Pick<Models, 'rejects' | 'rows'>;
}

interface RejectStore {
  /** Keeps the rows: one a row, with the latest reason, unless a later version is known. */
  open(rejects: readonly RejectedRow[]): Promise<void>;
  /**
   * Closes the rejects of rows that have arrived by now, unless a later version was rejected.
   * @param rows asked for only where the table has any open reject
   */
  arrived(rows: () => readonly Arrival[]): Promise<void>;
  /** Closes the rejects of rows that the lake no longer has. */
  gone(identities: readonly string[]): Promise<void>;
  /** Closes the rejects of rows that no arrival can be told to be, where the run has not met them. */
  unmet(): Promise<void>;
}

/**
 * The rejects of one table in one slice of a run.
 * @param jobId left out where rows are not read by a run: what a reject says of its run stays
 */
export function createRejectStore(
  context: RejectsContext,
  tableId: string,
  jobId?: string,
): RejectStore {
  const rejects = native(context.models.rejects);
  // Nearly every run has none: then a page costs no look-up.
  let anyOpen: boolean | undefined;

  async function open(rows: readonly RejectedRow[]): Promise<void> {
    if (rows.length === 0) return;
    anyOpen = true;
    const now = new Date(context.clock.now());
    const about = { tableId, jobId, now };
    const operations = rows.map((row) => openOne(about, row));
    const write = () => rejects.bulkWrite(operations, { ordered: false }).catch(unlessKnown);
    await withRetry(write, context);
  }

  async function arrived(rows: () => readonly Arrival[]): Promise<void> {
    anyOpen ??= (await withRetry(() => rejects.findOne({ tableId, open: true }), context)) !== null;
    if (!anyOpen) return;
    const arrivals = byIdentity(rows());
    if (arrivals.size === 0) return;
    const filter: mongo.Filter<SyncReject> = {
      tableId,
      open: true,
      identity: { $in: [...arrivals.keys()] },
    };
    const found = await withRetry(() => rejects.find(filter).toArray(), context);
    const resolvedAt = new Date(context.clock.now());
    const operations = found.flatMap(({ _id, identity, raw }) => {
      const own = arrivals.get(identity)?.filter((row) => !isDeleteOfAnother(raw, row.deletedKey));
      if (!own || own.length === 0) return [];
      const modifiedAt = new Date(Math.max(...own.map(({ modifiedMs }) => modifiedMs)));
      const set = { resolvedAt, resolution: 'arrived' as const, modifiedAt };
      return [closeOne({ _id, open: true, ...notNewerThan(modifiedAt) }, set)];
    });
    if (operations.length === 0) return;
    await withRetry(() => rejects.bulkWrite(operations, { ordered: false }), context);
  }

  async function gone(identities: readonly string[]): Promise<void> {
    if (identities.length === 0) return;
    await close({ tableId, open: true, identity: { $in: [...identities] } });
  }

  async function unmet(): Promise<void> {
    if (jobId === undefined) return;
    await close({ tableId, open: true, identity: NO_KEY, jobId: { $ne: jobId } });
  }

  async function close(filter: mongo.Filter<SyncReject>): Promise<void> {
    const resolvedAt = new Date(context.clock.now());
    const { updateOne } = closeOne(filter, { resolvedAt, resolution: 'gone' });
    await withRetry(() => rejects.updateMany(updateOne.filter, updateOne.update), context);
  }

  return { open, arrived, gone, unmet };
}

const notNewerThan = (modifiedAt: Date) => ({ modifiedAt: { $not: { $gt: modifiedAt } } });

/** One that is closed may be of another row that had the key: its time says nothing. */
const notKnownLater = (modifiedAt: Date) => [
  { open: { $exists: false } },
  notNewerThan(modifiedAt),
];

/** The key is held by a reject that knows a later version: that one stays as it is. */
function unlessKnown(error: unknown): void {
  const isKnown = ({ code }: mongo.WriteError) => code === DUPLICATE_KEY;
  const known = error instanceof mongo.MongoBulkWriteError && [error.writeErrors].flat();
  if (!known || known.length === 0 || !known.every(isKnown)) throw error;
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

function closeOne(filter: mongo.Filter<SyncReject>, set: Partial<SyncReject>) {
  const update = { $set: set, $unset: { open: '' } } as mongo.UpdateFilter<SyncReject>;
  return { updateOne: { filter, update } };
}

/** As JSON: a value may hold what BSON can't. */
function storedField({ column, reason, value }: UnreadableField) {
  return { column, reason, value: jsonText(value).slice(0, SHOWN_VALUE) };
}

function openOne(
  { tableId, jobId, now }: { tableId: string; jobId: string | undefined; now: Date },
  { identity, reason, column, message, modifiedMs, raw, unreadable }: RejectedRow,
): mongo.AnyBulkWriteOperation<SyncReject> {
  const modifiedAt = modifiedMs === undefined ? undefined : new Date(modifiedMs);
  return {
    updateOne: {
      filter: { tableId, identity, ...(modifiedAt && { $or: notKnownLater(modifiedAt) }) },
      update: {
        // As text: names and values of a row that can't be stored are not all BSON can hold.
        $set: {
          reason,
          column,
          message,
          raw: rowText(raw),
          ...(unreadable && { unreadable: unreadable.map(storedField) }),
          ...(modifiedAt && { modifiedAt }),
          ...(jobId !== undefined && { jobId }),
          lastSeenAt: now,
          open: true,
        },
        $unset: { resolvedAt: '', resolution: '', ...(!unreadable && { unreadable: '' }) },
        $setOnInsert: { firstSeenAt: now },
      },
      upsert: true,
    },
  };
}
