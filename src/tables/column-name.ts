/** Names with a special meaning in a document, in JavaScript or for the driver. */
const RESERVED: ReadonlySet<string> = new Set(['_id', '_lake', '__proto__', '_bsontype']);
/** The escape itself, what MongoDB can't store or reads as a path, and unpaired surrogates. */
const UNSTORABLE = /[%.\0\ud800-\udfff]|^\$/gu;

/**
 * The name under which a column is stored: its own, or an escaped one if a document can't
 * have it. Different names stay different, and `%` marks every escape:
 * - a period, a leading `$`, NUL and `%` become `%2E`, `%24`, `%00` and `%25`
 * - an unpaired surrogate becomes `%u` and its four digits: `%uD800`
 * - `_id`, `_lake`, `__proto__` and `_bsontype` begin with `%5F` instead of `_`
 * - the empty name is `%`
 */
export function storableName(name: string): string {
  if (name === '') return '%';
  if (RESERVED.has(name)) return `%5F${name.slice(1)}`;
  return name.replace(UNSTORABLE, escaped);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  const digits = code.toString(16).toUpperCase();
  return code < 0x100 ? `%${digits.padStart(2, '0')}` : `%u${digits}`;
}

/** A name in the form in which names that differ in letter case only are equal (ASCII, as in SQL). */
export function foldedName(name: string): string {
  return name.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
