const SPECIAL = /[\\|]/g;

/**
 * The business key as one string: the parts joined by `|`. A `|` or `\` inside a part is
 * escaped by `\`, so that two different keys never give the same string.
 */
export function businessKey(parts: readonly string[]): string {
  return parts.map((part) => part.replace(SPECIAL, '\\$&')).join('|');
}

/** The parts of a string that `businessKey` made. */
export function keyParts(key: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const [, escaped, character] of key.matchAll(/\\(.)|([^\\])/gsu)) {
    if (character === '|') {
      parts.push(part);
      part = '';
    } else part += escaped ?? character;
  }
  return [...parts, part];
}
