/** Everything below the space. */
const CONTROL = /[^ -\uffff]/g;
const SPACE = /\s*/y;
/** Up to the next character that opens or closes something outside of strings. */
const STRUCTURE = /["{}[\]]/g;
/** The rest of a string, whatever is in it: only a quote without a backslash ends it. */
const STRING_REST = /[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;

/**
 * The texts of a JSON array's objects, by their brackets alone: whether each is JSON is another
 * question.
 * @returns undefined where the text is no array of objects up to its end, as after a broken
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

/** Where one object ends and another one begins. */
const NEXT_OBJECT = /\s*,\s*\{/y;

/** The text of the first of several objects; undefined where there is one, or it has no clear end. */
export function firstOfSeveral(objects: string): string | undefined {
  const end = objectEnd(objects, 0);
  if (end < 0 || skip(NEXT_OBJECT, objects, end) === end) return undefined;
  return objects.slice(0, end);
}

/** A whole string, or a word for a number that JSON doesn't have. */
const REPAIRABLE = /"[^"\\]*(?:\\[ -\uffff][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * A row's text with its raw control characters escaped, and with NaN and Infinity as the texts
 * that they were sent as. What else is wrong with it stays so.
 */
export function repaired(row: string): string {
  return row.replace(REPAIRABLE, (token) =>
    token.startsWith('"') ? token.replace(CONTROL, escaped) : `"${token}"`,
  );
}

function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Where the object that begins at `start` ends; -1: nowhere. */
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
