import { mongo } from 'mongoose';
import type { RowDocument } from '../models/row.js';
import type { WriteResult } from '../store/row-writes.js';
import type { RowStore } from '../store/rows.js';
import type { DecodedRow } from './decoder.js';
import type { GuardedWrite } from './guarded-write.js';

const { BSON } = mongo;

export type WriteRows = (writes: readonly GuardedWrite[]) => Promise<WriteResult<DecodedRow>>;

/** What most rows are. */
export type Expected = 'new' | 'changed' | 'unchanged';

/**
 * Writes live rows, batch by batch. What most rows of the batch before turned out to be says
 * how the next ones are best sent; what becomes of them is the same either way.
 * @param expected of the first batch
 */
export function createWriteRows(rows: RowStore, expected: Expected): WriteRows {
  let most = expected;

  return async (writes) => {
    // To read a row costs MongoDB far less than to replace it by itself (docs/decisions.md, 23).
    const toWrite = most === 'unchanged' ? await notStored(rows, writes) : writes;
    // And to insert one less than half of an upsert.
    const begin = most === 'new' ? 'insert' : 'upsertIfNewer';
    const result = await rows.write(toWrite, begin);
    result.unchanged += writes.length - toWrite.length;

    most = mostOf(result, writes.length);
    return result;
  };
}

/** @param total rows, of which these have been created, and these were unchanged */
export function mostOf(
  { created, unchanged }: Pick<WriteResult, 'created' | 'unchanged'>,
  total: number,
): Expected {
  if (created > total / 2) return 'new';
  return unchanged > total / 2 ? 'unchanged' : 'changed';
}

/** Those whose documents MongoDB doesn't hold already, byte for byte. */
async function notStored(
  rows: RowStore,
  writes: readonly GuardedWrite[],
): Promise<readonly GuardedWrite[]> {
  const found = await rows.findBytesByKeys(writes.map(({ row }) => row.id));
  const stored = new Map(found.map((bytes) => [idOf(bytes), bytes]));
  return writes.filter(({ row }) => {
    const bytes = stored.get(row.id);
    return !bytes || !isSame(bytes, row.document);
  });
}

function isSame(stored: Uint8Array, document: RowDocument): boolean {
  try {
    return Buffer.compare(stored, BSON.serialize(document)) === 0;
  } catch {
    // Too large for the driver, and so for MongoDB, too.
    return false;
  }
}

/** MongoDB keeps `_id` first: after the length come its type, its name, and its text's length. */
function idOf(document: Uint8Array): string | undefined {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const isText = bytes.toString('latin1', 4, 9) === '\x02_id\0';
  return isText ? bytes.toString('utf8', 13, 13 + bytes.readInt32LE(9) - 1) : undefined;
}
