import type { mongo } from 'mongoose';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import type { SyncReject } from '../models/sync-reject.js';
import type { DecodedRow, RejectedRow } from '../tables/decoder.js';
import type { SyncContext } from './context.js';
import { isResolvedBy } from './reject-key.js';

interface RejectStore {
  /** Keeps the rows: one a row, with the latest reason. */
  open(rejects: readonly RejectedRow[]): Promise<void>;
  /** Closes the rejects of rows that have arrived by now. */
  arrived(rows: readonly DecodedRow[]): Promise<void>;
  /** Closes the rejects of rows that are gone from the lake. */
  gone(identities: readonly string[]): Promise<void>;
}

/**
 * The rejects of one table in one slice of a run.
 * @param jobId left out where rows are not read by a run: what a reject says of its run stays
 */
export function createRejectStore(
  context: SyncContext,
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
    await withRetry(() => rejects.bulkWrite(operations, { ordered: false }), context);
  }

  async function arrived(rows: readonly DecodedRow[]): Promise<void> {
    anyOpen ??= (await withRetry(() => rejects.findOne({ tableId, open: true }), context)) !== null;
    if (!anyOpen || rows.length === 0) return;
    // A row may have been rejected under its surrogate key, when a part of its key was missing.
    const byIdentity = new Map<string, DecodedRow[]>();
    for (const row of rows) {
      for (const identity of [row.id, row.surrogate]) {
        byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), row]);
      }
    }
    const identities = [...byIdentity.keys()];
    const filter: mongo.Filter<SyncReject> = { tableId, open: true, identity: { $in: identities } };
    const found = await withRetry(() => rejects.find(filter).toArray(), context);
    const closed = found.filter(({ identity, raw }) =>
      byIdentity.get(identity)?.some((row) => isResolvedBy(raw, row)),
    );
    await resolve({ _id: { $in: closed.map(({ _id }) => _id) } }, 'arrived');
  }

  async function resolve(
    which: mongo.Filter<SyncReject>,
    resolution: NonNullable<SyncReject['resolution']>,
  ): Promise<void> {
    const resolvedAt = new Date(context.clock.now());
    const update = { $set: { resolvedAt, resolution }, $unset: { open: '' } };
    await withRetry(
      () => rejects.updateMany({ ...which, open: true }, update as mongo.UpdateFilter<SyncReject>),
      context,
    );
  }

  const gone = (identities: readonly string[]) =>
    resolve({ tableId, identity: { $in: [...identities] } }, 'gone');

  return { open, arrived, gone };
}

function openOne(
  { tableId, jobId, now }: { tableId: string; jobId: string | undefined; now: Date },
  { identity, reason, column, message, raw }: RejectedRow,
): mongo.AnyBulkWriteOperation<SyncReject> {
  return {
    updateOne: {
      filter: { tableId, identity },
      update: {
        // As text: names and values of a row that can't be stored are not all BSON can hold.
        $set: {
          reason,
          column,
          message,
          raw: JSON.stringify(raw),
          ...(jobId !== undefined && { jobId }),
          lastSeenAt: now,
          open: true,
        },
        $unset: { resolvedAt: '', resolution: '' },
        $setOnInsert: { firstSeenAt: now },
      },
      upsert: true,
    },
  };
}
