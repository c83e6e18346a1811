import type { mongo } from 'mongoose';
import type { DecodedRow, RowDocument } from '../tables/decoder.js';

/** Hard-deleted rows leave their key this long, so that a late writer can't bring them back. */
const KEEP_HARD_DELETES_MS = 30 * 86_400_000;

type Operation = mongo.AnyBulkWriteOperation<RowDocument>;
type Filter = mongo.Filter<RowDocument>;

/**
 * A row's write in its forms. `first` upserts unless what is stored is newer: then MongoDB
 * answers with a duplicate key. `second`, sent only after that, has no upsert and knows the
 * cases in which another row held the key; what it doesn't match is stale. `insert` can be
 * sent in the place of `first` where the row is likely to be new.
 */
export interface GuardedWrite {
  readonly row: DecodedRow;
  readonly insert: () => Operation;
  readonly first: () => Operation;
  readonly second: () => Operation;
}

export type DeleteMode = 'soft' | 'hard';

export function guardedWrite(row: DecodedRow, deleteMode: DeleteMode): GuardedWrite {
  return row.deleted ? deletion(row, deleteMode) : replacement(row);
}

const notNewerThan = (modifiedAt: Date) => ({ '_lake.modifiedAt': { $not: { $gt: modifiedAt } } });

/** Inside `$and`, since not every server looks up `_id` first where `$or` stands beside it. */
const oneOf = (filters: Filter[]): Filter => ({ $and: [{ $or: filters }] });

function replacement(row: DecodedRow): GuardedWrite {
  const { id, document } = row;
  const guard = notNewerThan(document._lake.modifiedAt);
  const replace = (filter: Filter, upsert: boolean): Operation => ({
    replaceOne: { filter, replacement: document, upsert },
  });
  return {
    row,
    insert: () => ({ insertOne: { document } }),
    first: () => replace({ _id: id, ...guard }, true),
    second: () => replace({ _id: id, ...oneOf([guard, ...predecessors(row)]) }, false),
  };
}

/** Under the same business key: whose place a live row takes, whatever their times. */
function predecessors({ serialKey, serialColumn }: DecodedRow): Filter[] {
  if (serialColumn === undefined) return [];
  return [
    // A deleted row: its delete may have been indexed after the row that uses its key again. A
    // delete that doesn't say whose it is may be this row's own.
    { '_lake.deletedAt': { $exists: true }, [serialColumn]: { $nin: [serialKey, null] } },
    // An earlier row: so may its last edit; and its delete is still to come, or never told.
    { [serialColumn]: { $lt: serialKey } },
  ];
}

function deletion(row: DecodedRow, mode: DeleteMode): GuardedWrite {
  const { id, document, serialKey, serialColumn, flagColumn } = row;
  const deletedAt = document._lake.modifiedAt;
  const guard = notNewerThan(deletedAt);
  // A business key can be used again: only the row that was deleted is marked.
  const identity = serialColumn === undefined ? {} : { [serialColumn]: serialKey };
  const lake = {
    modifiedAt: deletedAt,
    deletedAt,
    ...(mode === 'hard' && { expireAt: new Date(deletedAt.getTime() + KEEP_HARD_DELETES_MS) }),
  };
  const write = (filter: Filter, upsert: boolean): Operation => {
    if (mode === 'hard') {
      return { replaceOne: { filter, replacement: { _id: id, ...identity, _lake: lake }, upsert } };
    }
    const flag = flagColumn === undefined ? {} : { [flagColumn]: document[flagColumn] };
    return {
      updateOne: { filter, update: { $set: { ...identity, ...flag, _lake: lake } }, upsert },
    };
  };
  const first = () => write({ _id: id, ...identity, ...guard }, true);
  return {
    row,
    insert: first,
    first,
    second: () => write({ _id: id, ...guard, ...oneOf([identity, ...givingWay(row)]) }, false),
  };
}

/** Under the same business key: what a delete marks beside the row that it names. */
function givingWay({ document, serialKey, serialColumn }: DecodedRow): Filter[] {
  const isDeleted = { '_lake.deletedAt': { $exists: true } };
  // An older delete, so that the later row stays deleted too.
  const older = { ...isDeleted, '_lake.modifiedAt': { $lt: document._lake.modifiedAt } };
  if (serialColumn === undefined) return [older];
  return [
    older,
    // Of two deletes in one millisecond that of the lower surrogate key: they don't take turns.
    { ...isDeleted, [serialColumn]: { $lt: serialKey } },
    // A row that doesn't say which one it is: then its business key is all that it has.
    { [serialColumn]: null },
  ];
}
