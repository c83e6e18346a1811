/** A document under a row's key. Other tools may have written it, so its fields may be missing. */
type Stored = Readonly<Record<string, unknown>>;

/** The surrogate key of a stored row, in any spelling of its column; null: it has none. */
export function storedSerialKey(document: Stored): unknown {
  const name = Object.keys(document).find((column) => column.toUpperCase() === 'SERIALKEY');
  return name === undefined ? null : document[name];
}

/** The index time of a stored version, epoch milliseconds; undefined: another tool wrote it. */
export function storedModifiedMs(document: Stored): number | undefined {
  const { modifiedAt } = lakeOf(document);
  return modifiedAt instanceof Date ? modifiedAt.getTime() : undefined;
}

export function isStoredDelete(document: Stored): boolean {
  return lakeOf(document).deletedAt instanceof Date;
}

/** Whether its delete was inferred from the absence of a lake row, not read from the lake. */
export function isInferredDelete(document: Stored): boolean {
  return isStoredDelete(document) && lakeOf(document).inferredAt instanceof Date;
}

/** Whether the stored version lacks values that could not be read. */
export function isStoredInPart(document: Stored): boolean {
  return Array.isArray(lakeOf(document).unreadable);
}

/** The epoch of a stored version; 0 if it has none. */
export function storedEpoch(document: Stored): number {
  const { epoch } = lakeOf(document);
  return typeof epoch === 'number' ? epoch : 0;
}

/**
 * A text `_id`, read from a document's BSON bytes. MongoDB stores `_id` first: after the document's
 * length come its type, its name and the length of its text.
 */
export function keyOfBytes(document: Uint8Array): string | undefined {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const isText = bytes.toString('latin1', 4, 9) === '\x02_id\0';
  return isText ? bytes.toString('utf8', 13, 13 + bytes.readInt32LE(9) - 1) : undefined;
}

function lakeOf({ _lake }: Stored): Stored {
  return typeof _lake === 'object' && _lake !== null ? (_lake as Stored) : {};
}
