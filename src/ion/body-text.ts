import { isUtf8 } from 'node:buffer';

/** Where the bytes that are not UTF-8 stand among UTF-16's code units: unpaired surrogates. */
const ESCAPED = 0xdc00;
const BOM = '\ufeff';

/**
 * An answer's body as text. A byte that is not UTF-8 becomes an unpaired surrogate, U+DC00 plus the
 * byte, never U+FFFD: whoever reads a value can tell that it is no text, and which bytes came.
 */
export function bodyText(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : escapedText(bytes);
  return text.startsWith(BOM) ? text.slice(1) : text;
}

/** What an answer's text holds as JSON; undefined where it is none. */
export function parsedBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function escapedText(bytes: Buffer): string {
  const parts: string[] = [];
  let soundFrom = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterBytes(bytes[at] ?? 0);
    if (length === 1 || isUtf8(bytes.subarray(at, at + length))) {
      at += length;
      continue;
    }
    parts.push(bytes.toString('utf8', soundFrom, at));
    parts.push(String.fromCharCode(ESCAPED + (bytes[at] ?? 0)));
    at++;
    soundFrom = at;
  }
  parts.push(bytes.toString('utf8', soundFrom));
  return parts.join('');
}

/** Of a character that begins with the byte, if it can begin one. */
function characterBytes(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
