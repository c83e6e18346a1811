import { mongo } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import type { WriteResult } from '../store/row-writes.js';
import type { RowStore } from '../store/rows.js';
import type { DecodedRow } from './decoder.js';
import type { GuardedWrite } from './guarded-write.js';
import { keyOfBytes } from './stored-row.js';

const { BSON } = mongo;

export type WriteRows = (writes: readonly GuardedWrite[]) => Promise<WriteResult<DecodedRow>>;

/** What most rows of a batch are expected to be. */
export type Expected = 'new' | 'changed' | 'unchanged';

/**
 * Writes live rows, batch by batch. The write strategy adapts to the results of the previous batch;
 * what is stored is the same with each strategy.
 * @param expected of the first batch
 */
export function createWriteRows(rows: RowStore, expected: Expected): WriteRows {
  let most = expected;

  return async (writes) => {
    // Reading a row costs MongoDB far less than replacing it by an equal one (docs/decisions.md, 23).
    const toWrite = most === 'unchanged' ? await notStoredOf(rows, writes) : writes;
    // An insert costs less than half of an upsert.
    const begin = most === 'new' ? 'insert' : 'upsertIfNewer';
    const result = await rows.write(toWrite, begin);
    result.unchanged += writes.length - toWrite.length;

    most = mostOf(result, writes.length);
    return result;
  };
}

/** @param total number of rows, of which `created` were created and `unchanged` unchanged */
export function mostOf(
  { created, unchanged }: Pick<WriteResult, 'created' | 'unchanged'>,
  total: number,
): Expected {
  if (created > total / 2) return 'new';
  return unchanged > total / 2 ? 'unchanged' : 'changed';
}

async function notStoredOf(
  rows: RowStore,
  writes: readonly GuardedWrite[],
): Promise<readonly GuardedWrite[]> {
  const others = new Set(
    await notStored(
      rows,
      writes.map(({ row }) => row),
    ),
  );
  return writes.filter(({ row }) => others.has(row));
}

/** The rows whose documents MongoDB doesn't have yet, byte for byte. @throws AppError MONGODB_* */
export async function notStored(
  rows: RowStore,
  decoded: readonly DecodedRow[],
): Promise<DecodedRow[]> {
  const found = await rows.findBytesByKeys(decoded.map(({ id }) => id));
  const stored = new Map(found.map((bytes) => [keyOfBytes(bytes), bytes]));
  return decoded.filter(({ id, document }) => {
    const bytes = stored.get(id);
    return !bytes || !isSame(bytes, document);
  });
}

function isSame(stored: Uint8Array, document: RowDocument): boolean {
  try {
    return Buffer.compare(stored, BSON.serialize(document)) === 0;
  } catch {
    // Too large for the driver, and so for MongoDB.
    return false;
  }
}
