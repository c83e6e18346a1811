import type { mongo } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import type { GuardedWrite as GuardedWriteOf } from '../store/row-writes.js';
import type { DecodedRow } from './decoder.js';

/** Hard-deleted rows leave their key this long, so that a late writer can't bring them back. */
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
   * Epoch milliseconds by the lake's index times: the query has seen all that was indexed up to
   * then. A live row takes the place of another row's delete only if that is not later. Left
   * out: never.
   */
  readonly horizonMs?: number | undefined;
  /**
   * MongoDB's time before the lake was asked for the rows: a live one takes the place of a delete
   * that was inferred from its absence earlier, whatever its version. Left out: never.
   */
  readonly evidenceAt?: Date | undefined;
}

/** When the key of a hard delete is forgotten. */
export function deleteExpiry(deletedAt: Date): Date {
  return new Date(deletedAt.getTime() + KEEP_HARD_DELETES_MS);
}

/**
 * The write of a row in its forms. Their filters and updates are made here and not in the store: they
 * are the rule of what becomes of a row where another version or another row holds its key.
 */
export function guardedWrite(row: DecodedRow, rules: WriteRules): GuardedWrite {
  return row.deleted ? deletion(row, rules) : replacement(row, rules);
}

const EPOCH = '_lake.epoch';
const MODIFIED = '_lake.modifiedAt';

/** Unless what is stored is of a higher epoch, or of the same one and newer. */
function notNewerThan(modifiedAt: Date, epoch: number): Filter {
  // The common case, and each write filters by it.
  if (epoch === 0)
    return { [MODIFIED]: { $not: { $gt: modifiedAt } }, [EPOCH]: { $exists: false } };
  return {
    $nor: [{ [EPOCH]: { $gt: epoch } }, { [EPOCH]: epoch, [MODIFIED]: { $gt: modifiedAt } }],
  };
}

const notOfHigherEpoch = (epoch: number): Filter =>
  epoch === 0 ? { [EPOCH]: { $exists: false } } : { [EPOCH]: { $not: { $gt: epoch } } };

/** Inside `$and`, since not every server looks up `_id` first where `$or` stands beside it. */
const anyOf = (filters: Filter[], ...others: Filter[]): Filter => ({
  $and: [...others, { $or: filters }],
});

function replacement(row: DecodedRow, { epoch, horizonMs, evidenceAt }: WriteRules): GuardedWrite {
  const { id, document, serialKey, serialColumn } = row;
  const guard = notNewerThan(document._lake.modifiedAt, epoch);
  // Another row under the same key is for `resolveKeyConflict`: whether both are alive must be seen.
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

/** Under the same business key: whose place a live row takes, whatever their times. */
function predecessors(
  { serialKey, serialColumn }: DecodedRow,
  horizonMs: number | undefined,
): Filter[] {
  if (serialColumn === undefined) return [];
  return [
    // An earlier row: its last edit may have been indexed after the row that uses its key again;
    // and its delete is still to come, or never told.
    { [serialColumn]: { $lt: serialKey } },
    // A later row's delete that the query has seen: it would not show this row if it were gone,
    // too. A delete that doesn't say whose it is may be this row's own.
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
  // A business key can be used again: only the row that was deleted is marked.
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

/** Under the same business key: what a delete marks beside the row that it names. */
function replaceableByDelete({ document, serialKey, serialColumn }: DecodedRow): Filter[] {
  const isDeleted = { '_lake.deletedAt': { $exists: true } };
  // An older delete, so that the later row stays deleted too.
  const older = { ...isDeleted, [MODIFIED]: { $lt: document._lake.modifiedAt } };
  if (serialColumn === undefined) return [older];
  return [
    older,
    // Of two deletes in one millisecond that of the lower surrogate key: they don't take turns.
    { ...isDeleted, [serialColumn]: { $lt: serialKey } },
    // A row that doesn't say which one it is: then its business key is all that it has.
    { [serialColumn]: null },
  ];
}
