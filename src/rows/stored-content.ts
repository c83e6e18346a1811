import { mongo } from 'mongoose';
import type { RowStore } from '../store/rows.js';
import type { DecodedRow } from './decoder.js';
import { keyOfBytes } from './stored-row.js';

const { BSON } = mongo;

/**
 * The rows whose documents differ from the decoded ones byte for byte, or don't exist. The epoch is
 * ignored: it says when a document was written, not what the row contains.
 * @throws AppError MONGODB_*
 */
export async function withOtherContent(
  rows: RowStore,
  decoded: readonly DecodedRow[],
): Promise<DecodedRow[]> {
  if (decoded.length === 0) return [];
  const found = await rows.findBytesByKeys(decoded.map(({ id }) => id));
  const stored = new Map(found.map((bytes) => [keyOfBytes(bytes), bytes]));
  return decoded.filter(({ id, document }) => {
    const bytes = stored.get(id);
    return !bytes || Buffer.compare(ofStored(bytes), withoutEpoch(document)) !== 0;
  });
}

function ofStored(bytes: Uint8Array): Uint8Array {
  // Without promotion, so that a difference in a number's BSON type counts.
  return withoutEpoch(BSON.deserialize(bytes, { promoteValues: false }));
}

function withoutEpoch(document: mongo.Document): Uint8Array {
  const { _lake, ...columns } = document;
  const { epoch: _, ...lake } = (_lake ?? {}) as mongo.Document;
  return BSON.serialize({ ...columns, _lake: lake });
}
