import { mongo } from 'mongoose';
import { AppError, toAppError } from '../errors/app-error.js';
import type { RowDocument } from '../models/row.js';
import { DUPLICATE_KEY, isAboutTheRow, isOfId, toMongoError } from './driver/mongo-error.js';
import { type RetryBudget, withRetry } from './driver/retry.js';

/** The part of a row that its writes need. */
export interface Keyed {
  readonly id: string;
}

type Form = 'insert' | 'upsertIfNewer' | 'resolveKeyConflict';

type Operation = mongo.AnyBulkWriteOperation<RowDocument>;

/**
 * The forms of a row's write. `upsertIfNewer` upserts unless a newer version or another row has the
 * key: then MongoDB answers with a duplicate key. `resolveKeyConflict`, sent only after that,
 * doesn't upsert, and matches if the row replaces the other one; if it doesn't match, the row is
 * stale. `insert` can be sent before `upsertIfNewer` if the row is probably new.
 */
export interface GuardedWrite<Row extends Keyed = Keyed> {
  readonly row: Row;
  readonly insert: () => Operation;
  readonly upsertIfNewer: () => Operation;
  readonly resolveKeyConflict: () => Operation;
  /**
   * The delete is so old, compared with the query's newest index time, that MongoDB would remove its
   * document at once: it must not create one.
   */
  readonly isExpired: boolean;
}

/** The part of the driver's collection that the writes need. */
export type RowCollection = Pick<mongo.Collection<RowDocument>, 'bulkWrite' | 'find'>;

/** A row under whose key a newer version of it, or another row, was stored. */
export interface Meeting<Row extends Keyed = Keyed> {
  readonly row: Row;
  /** The document that was stored before `resolveKeyConflict` was sent. */
  readonly stored: Readonly<Record<string, unknown>>;
}

export interface WriteResult<Row extends Keyed = Keyed> {
  created: number;
  updated: number;
  unchanged: number;
  stale: number;
  /** Writes sent again after a failure; those that had succeeded count as unchanged. */
  replayed: number;
  refused: { row: Row; message: string }[];
  met: Meeting<Row>[];
}

/**
 * Sends guarded writes, unordered, one for each `_id`. Only writes that failed transiently are sent
 * again, and only an error caused by the row itself rejects that row: any other failure of a write
 * fails the whole batch.
 * @param begin the form that is sent first
 * @throws AppError MONGODB_* when the failure is not transient; what has been written stays
 */
export async function bulkWrite<Row extends Keyed>(
  collection: RowCollection,
  writes: readonly GuardedWrite<Row>[],
  scope: RetryBudget,
  begin: 'insert' | 'upsertIfNewer' = 'upsertIfNewer',
): Promise<WriteResult<Row>> {
  const result: WriteResult<Row> = {
    created: 0,
    updated: 0,
    unchanged: 0,
    stale: 0,
    replayed: 0,
    refused: [],
    met: [],
  };
  const expired = writes.filter(({ isExpired }) => isExpired);
  const lasting = writes.filter(({ isExpired }) => !isExpired);
  await sendExpired(collection, expired, result, scope);
  const present =
    begin === 'insert' ? await send(collection, lasting, begin, result, scope) : lasting;
  const held = await send(collection, present, 'upsertIfNewer', result, scope);
  if (held.length === 0) return result;
  result.met = await storedUnder(collection, held, scope);
  await send(collection, held, 'resolveKeyConflict', result, scope);
  return result;
}

/** Sends expired deletes without an upsert; one that matches no document counts as unchanged. */
async function sendExpired<Row extends Keyed>(
  collection: RowCollection,
  writes: readonly GuardedWrite<Row>[],
  result: WriteResult<Row>,
  scope: RetryBudget,
): Promise<void> {
  const { stale } = result;
  await send(collection, writes, 'resolveKeyConflict', result, scope);
  result.unchanged += result.stale - stale;
  result.stale = stale;
}

async function storedUnder<Row extends Keyed>(
  collection: RowCollection,
  held: readonly GuardedWrite<Row>[],
  scope: RetryBudget,
): Promise<Meeting<Row>[]> {
  const filter = { _id: { $in: held.map(({ row }) => row.id) } };
  const found = await withRetry(() => collection.find(filter).toArray(), scope);
  const byId = new Map(found.map((document) => [document._id, document]));
  return held.flatMap(({ row }) => {
    const stored = byId.get(row.id);
    return stored ? [{ row, stored }] : [];
  });
}

/** @returns the writes under whose key there is a document that their filter doesn't match */
async function send<Row extends Keyed>(
  collection: RowCollection,
  writes: readonly GuardedWrite<Row>[],
  form: Form,
  result: WriteResult<Row>,
  scope: RetryBudget,
): Promise<GuardedWrite<Row>[]> {
  const held: GuardedWrite<Row>[] = [];
  let pending = writes;
  let attempts = 0;

  async function attempt(): Promise<void> {
    if (attempts++ > 0) result.replayed += pending.length;
    const sent = pending;
    const { counts, errors } = await bulkOnce(collection, sent, form);
    const { modifiedCount, matchedCount } = counts;
    const created = counts.upsertedCount + counts.insertedCount;
    result.created += created;
    result.updated += modifiedCount;
    result.unchanged += matchedCount - modifiedCount;
    result.stale += sent.length - matchedCount - created - errors.length;
    const unsent: GuardedWrite<Row>[] = [];
    for (const error of errors) {
      const write = sent[error.index];
      if (!write) continue;
      if (form !== 'resolveKeyConflict' && isHeld(error)) held.push(write);
      else if (isAboutTheRow(error))
        result.refused.push({ row: write.row, message: textOf(error) });
      else {
        const failure = toMongoError(serverErrorOf(error));
        if (!failure.retriable) throw failure;
        unsent.push(write);
      }
    }
    pending = unsent;
    if (unsent.length > 0) throw new AppError('MONGODB_BUSY');
  }

  if (writes.length === 0) return held;
  try {
    await withRetry(attempt, scope);
    return held;
  } catch (thrown) {
    const tooLarge = tooLargeOf(pending, form, thrown);
    if (tooLarge.length === 0) throw thrown;
    const message = 'the document is larger than 16 MB';
    result.refused.push(...tooLarge.map(({ row }) => ({ row, message })));
    const others = pending.filter((write) => !tooLarge.includes(write));
    return [...held, ...(await send(collection, others, form, result, scope))];
  }
}

/** The most bytes of one operation. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The too large writes because of which the driver sent none; its error doesn't say which they are. */
function tooLargeOf<Row extends Keyed>(
  writes: readonly GuardedWrite<Row>[],
  form: Form,
  thrown: unknown,
): readonly GuardedWrite<Row>[] {
  const { cause } = toAppError(thrown);
  // A write far above the limit doesn't fit the driver's buffer: RangeError.
  const mayBeSize = cause instanceof mongo.MongoInvalidArgumentError || cause instanceof RangeError;
  if (!mayBeSize) return [];
  return writes.filter((write) => mongo.BSON.calculateObjectSize(write[form]()) >= MOST_BYTES);
}

/**
 * Whether the duplicate key is that of `_id`. A unique index that an operator has added can refuse a
 * row, too; then no newer version of the row is stored.
 */
function isHeld({ code, errmsg }: mongo.WriteError): boolean {
  return code === DUPLICATE_KEY && isOfId(errmsg);
}

interface Reported {
  readonly code?: number | undefined;
  readonly errmsg?: string | undefined;
}

function textOf({ code, errmsg }: Reported): string {
  return errmsg ?? `code ${code}`;
}

/** A write's error, which the driver returns as data, as an error object. */
function serverErrorOf(error: Reported): mongo.MongoServerError {
  return new mongo.MongoServerError({ message: textOf(error), code: error.code });
}

interface Counts {
  readonly insertedCount: number;
  readonly upsertedCount: number;
  readonly modifiedCount: number;
  readonly matchedCount: number;
}

async function bulkOnce(
  collection: RowCollection,
  writes: readonly GuardedWrite[],
  form: Form,
): Promise<{ counts: Counts; errors: readonly mongo.WriteError[] }> {
  const operations = writes.map((write) => write[form]());
  try {
    return { counts: await collection.bulkWrite(operations, { ordered: false }), errors: [] };
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    const errors = [error.writeErrors].flat();
    // Reported next to write errors: the writes without an error are not confirmed, either.
    const unconfirmed = error.result.getWriteConcernError();
    if (unconfirmed) throw serverErrorOf(unconfirmed);
    if (errors.length === 0) throw error;
    return { counts: error.result, errors };
  }
}
