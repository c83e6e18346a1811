import type { mongo } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import type { GuardedWrite as GuardedWriteOf } from '../store/row-writes.js';
import type { DecodedRow } from './decoder.js';

/** How long the key of a hard-deleted row is kept, so that a late writer can't restore the row. */
const KEEP_HARD_DELETES_MS = 30 * 86_400_000;

type Operation = mongo.AnyBulkWriteOperation<RowDocument>;
type Filter = mongo.Filter<RowDocument>;

export type GuardedWrite = GuardedWriteOf<DecodedRow>;

export type DeleteMode = 'soft' | 'hard';

export interface WriteRules {
  readonly deleteMode: DeleteMode;
  /** The table's epoch, as the documents of the rows carry it. */
  readonly epoch: number;
  /**
   * The index time, epoch milliseconds, up to which the query has seen everything. A live row
   * replaces another row's delete only if the delete is not later. Absent: never.
   */
  readonly horizonMs?: number | undefined;
  /**
   * MongoDB's time before the lake was queried for the rows: a live row replaces a delete that was
   * inferred before then, whatever its version. Absent: never.
   */
  readonly evidenceAt?: Date | undefined;
}

/** When the key of a hard delete expires. */
export function deleteExpiry(deletedAt: Date): Date {
  return new Date(deletedAt.getTime() + KEEP_HARD_DELETES_MS);
}

/**
 * The forms of a row's write. Their filters and updates are built here and not in the store, since
 * they define which row or version wins if another one has the key.
 */
export function guardedWrite(row: DecodedRow, rules: WriteRules): GuardedWrite {
  return row.deleted ? deletion(row, rules) : replacement(row, rules);
}

const EPOCH = '_lake.epoch';
const MODIFIED = '_lake.modifiedAt';

/** Matches unless the stored version has a higher epoch, or the same one and is newer. */
function notNewerThan(modifiedAt: Date, epoch: number): Filter {
  // A simpler filter for the common case: every write has it.
  if (epoch === 0)
    return { [MODIFIED]: { $not: { $gt: modifiedAt } }, [EPOCH]: { $exists: false } };
  return {
    $nor: [{ [EPOCH]: { $gt: epoch } }, { [EPOCH]: epoch, [MODIFIED]: { $gt: modifiedAt } }],
  };
}

const notOfHigherEpoch = (epoch: number): Filter =>
  epoch === 0 ? { [EPOCH]: { $exists: false } } : { [EPOCH]: { $not: { $gt: epoch } } };

/** Inside `$and`, since not every server uses the index of `_id` if `$or` is next to it. */
const anyOf = (filters: Filter[], ...others: Filter[]): Filter => ({
  $and: [...others, { $or: filters }],
});

function replacement(row: DecodedRow, { epoch, horizonMs, evidenceAt }: WriteRules): GuardedWrite {
  const { id, document, serialKey, serialColumn } = row;
  const guard = notNewerThan(document._lake.modifiedAt, epoch);
  // Another row under the same key is left to `resolveKeyConflict`: both may be live.
  const identity = serialColumn === undefined ? {} : { [serialColumn]: serialKey };
  const replace = (filter: Filter, upsert: boolean): Operation => ({
    replaceOne: { filter, replacement: document, upsert },
  });
  const inferred = evidenceAt ? [{ '_lake.inferredAt': { $lt: evidenceAt } }] : [];
  const taking = [guard, ...predecessors(row, horizonMs), ...inferred];
  return {
    row,
    isExpired: false,
    insert: () => ({ insertOne: { document } }),
    upsertIfNewer: () => replace({ _id: id, ...identity, ...guard }, true),
    resolveKeyConflict: () =>
      replace({ _id: id, ...anyOf(taking, notOfHigherEpoch(epoch)) }, false),
  };
}

/** Documents under the same business key that a live row replaces regardless of their times. */
function predecessors(
  { serialKey, serialColumn }: DecodedRow,
  horizonMs: number | undefined,
): Filter[] {
  if (serialColumn === undefined) return [];
  return [
    // An earlier row: its last edit may have been indexed after the row that reuses its key, and
    // its delete may come later or never.
    { [serialColumn]: { $lt: serialKey } },
    // A later row's delete that the query has seen: the query shows this row, so it is live. A
    // delete without a surrogate key is excluded, since it may be this row's own.
    ...(horizonMs === undefined
      ? []
      : [
          {
            '_lake.deletedAt': { $lte: new Date(horizonMs) },
            [serialColumn]: { $nin: [serialKey, null] },
          } as Filter,
        ]),
  ];
}

function deletion(row: DecodedRow, { deleteMode, epoch, horizonMs = 0 }: WriteRules): GuardedWrite {
  const { id, document, serialKey, serialColumn, flagColumn } = row;
  const deletedAt = document._lake.modifiedAt;
  const guard = notNewerThan(deletedAt, epoch);
  // A business key can be reused: only the row that was deleted is marked.
  const identity = serialColumn === undefined ? {} : { [serialColumn]: serialKey };
  const isHard = deleteMode === 'hard';
  const expireAt = deleteExpiry(deletedAt);
  const lake = {
    ...document._lake,
    deletedAt,
    ...(isHard && { expireAt }),
  };
  const write = (filter: Filter, upsert: boolean): Operation => {
    if (isHard) {
      return { replaceOne: { filter, replacement: { _id: id, ...identity, _lake: lake }, upsert } };
    }
    const flag = flagColumn === undefined ? {} : { [flagColumn]: document[flagColumn] };
    return {
      updateOne: { filter, update: { $set: { ...identity, ...flag, _lake: lake } }, upsert },
    };
  };
  const upsertIfNewer = () => write({ _id: id, ...identity, ...guard }, true);
  return {
    row,
    isExpired: isHard && expireAt.getTime() <= horizonMs,
    insert: upsertIfNewer,
    upsertIfNewer,
    resolveKeyConflict: () =>
      write({ _id: id, ...anyOf([identity, ...replaceableByDelete(row)], guard) }, false),
  };
}

/** Other documents under the same business key that a delete may overwrite. */
function replaceableByDelete({ document, serialKey, serialColumn }: DecodedRow): Filter[] {
  const isDeleted = { '_lake.deletedAt': { $exists: true } };
  // An older delete, so that the later row stays deleted too.
  const older = { ...isDeleted, [MODIFIED]: { $lt: document._lake.modifiedAt } };
  if (serialColumn === undefined) return [older];
  return [
    older,
    // Of two deletes in one millisecond the higher surrogate key wins, so the result is stable.
    { ...isDeleted, [serialColumn]: { $lt: serialKey } },
    // A row without a surrogate key is identified by its business key alone.
    { [serialColumn]: null },
  ];
}
