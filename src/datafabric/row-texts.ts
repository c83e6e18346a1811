/** Everything below the space. */
const CONTROL = /[^ -\uffff]/g;
const SPACE = /\s*/y;
/** The characters that open or close an object, an array or a string. */
const STRUCTURE = /["{}[\]]/g;
/** The rest of a string, whatever it contains: only an unescaped quote ends it. */
const STRING_REST = /[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;

/**
 * The texts of a JSON array's objects, found by their brackets alone: each may still be invalid
 * JSON.
 * @returns undefined if the text is not a complete array of objects, for example after a broken
 *   transfer
 */
export function rowTexts(array: string): string[] | undefined {
  const rows: string[] = [];
  let at = skip(SPACE, array, 0);
  if (array[at] !== '[') return undefined;
  at = skip(SPACE, array, at + 1);
  if (array[at] === ']') return isEnd(array, at + 1) ? rows : undefined;
  for (;;) {
    const end = array[at] === '{' ? objectEnd(array, at) : -1;
    if (end < 0) return undefined;
    rows.push(array.slice(at, end));
    at = skip(SPACE, array, end);
    if (array[at] === ']') return isEnd(array, at + 1) ? rows : undefined;
    if (array[at] !== ',') return undefined;
    at = skip(SPACE, array, at + 1);
  }
}

/** The separator after which another object begins. */
const NEXT_OBJECT = /\s*,\s*\{/y;

/** The text of the first of several objects; undefined if there is only one, or it has no clear end. */
export function firstOfSeveral(objects: string): string | undefined {
  const end = objectEnd(objects, 0);
  if (end < 0 || skip(NEXT_OBJECT, objects, end) === end) return undefined;
  return objects.slice(0, end);
}

/** A whole string, or NaN or Infinity, which JSON doesn't have. */
const REPAIRABLE = /"[^"\\]*(?:\\[ -\uffff][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * A row's text with its raw control characters escaped, and NaN and Infinity quoted. Other errors
 * are left as they are.
 */
export function repaired(row: string): string {
  return row.replace(REPAIRABLE, (token) =>
    token.startsWith('"') ? token.replace(CONTROL, escaped) : `"${token}"`,
  );
}

function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Where the object that begins at `start` ends; -1: it has no end. */
function objectEnd(text: string, start: number): number {
  let depth = 0;
  STRUCTURE.lastIndex = start;
  for (let found = STRUCTURE.exec(text); found; found = STRUCTURE.exec(text)) {
    const [bracket] = found;
    if (bracket === '"') {
      const end = skip(STRING_REST, text, STRUCTURE.lastIndex);
      if (end === STRUCTURE.lastIndex) return -1;
      STRUCTURE.lastIndex = end;
    } else if (bracket === '{' || bracket === '[') depth++;
    else if (--depth === 0) return STRUCTURE.lastIndex;
  }
  return -1;
}

/** @returns where the sticky pattern's match at `at` ends; `at` itself where there is none */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function isEnd(text: string, at: number): boolean {
  return skip(SPACE, text, at) === text.length;
}
