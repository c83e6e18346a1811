/** A document under a row's key. Other tools may write there too: nothing of it is certain. */
type Stored = Readonly<Record<string, unknown>>;

/** The surrogate key of a stored row, whatever the spelling of its column; null: it has none. */
export function storedSerialKey(document: Stored): unknown {
  const name = Object.keys(document).find((column) => column.toUpperCase() === 'SERIALKEY');
  return name === undefined ? null : document[name];
}

/** The index time of a stored version, epoch milliseconds; undefined: we did not write it. */
export function storedModifiedMs(document: Stored): number | undefined {
  const { modifiedAt } = lakeOf(document);
  return modifiedAt instanceof Date ? modifiedAt.getTime() : undefined;
}

export function isStoredDelete(document: Stored): boolean {
  return lakeOf(document).deletedAt instanceof Date;
}

/** Whether it was deleted since the lake had no row for it, and not by a delete that the lake told. */
export function isInferredDelete(document: Stored): boolean {
  return isStoredDelete(document) && lakeOf(document).inferredAt instanceof Date;
}

/** Whether the stored version lacks values that could not be read. */
export function isStoredInPart(document: Stored): boolean {
  return Array.isArray(lakeOf(document).unreadable);
}

/** The epoch of a stored version; 0 where it carries none. */
export function storedEpoch(document: Stored): number {
  const { epoch } = lakeOf(document);
  return typeof epoch === 'number' ? epoch : 0;
}

/**
 * `_id` in a document's bytes. MongoDB keeps it first: after the length come its type, its name, and
 * its text's length.
 */
export function keyOfBytes(document: Uint8Array): string | undefined {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const isText = bytes.toString('latin1', 4, 9) === '\x02_id\0';
  return isText ? bytes.toString('utf8', 13, 13 + bytes.readInt32LE(9) - 1) : undefined;
}

function lakeOf({ _lake }: Stored): Stored {
  return typeof _lake === 'object' && _lake !== null ? (_lake as Stored) : {};
}
