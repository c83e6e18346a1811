import { AppError } from '../errors/app-error.js';
import { UNPARSABLE_COLUMN } from '../tables/lake-columns.js';
import { firstOfSeveral, repaired, rowTexts } from './row-texts.js';

/** A row as the lake gives it; a column that is NULL is left out. */
export type Row = Readonly<Record<string, unknown>>;

// A number outside quotes that may not fit a double: 16 characters or more, or an exponent.
// A text that looks like one only costs the slow way.
const MAYBE_LONG_NUMBER = /[:[,]\s*-?\d(?:[\d.]{15}|[\d.]*[eE])/;

// A whole text, which is passed over, or a number.
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The rows of a result page: a JSON array of objects, or, where `contentType` says so, one
 * object a line, of which none is no rows. A number that a double would change comes as the
 * text that it was sent as.
 *
 * A row that is no JSON costs itself, not its page: raw control characters, NaN and Infinity in
 * it are repaired, and else it comes as a row whose only column is UNPARSABLE_COLUMN. So does what
 * is no object, `null` for example, beside rows.
 * @param isSingle one row at most was asked for: what stands between the page's brackets is that row,
 *   unless that is a sound row and others after it
 * @throws AppError LAKE_BAD_ANSWER for everything else, an empty JSON body too: it is what a
 *   broken transfer leaves, and taken for a page it would end the result early. Where a list has
 *   begun, a detail has `isList`: one of its rows may be what makes the others unreadable.
 */
export function parseRows(
  text: string,
  contentType = 'application/json',
  { isSingle = false } = {},
): Row[] {
  const rows = isLines(contentType) ? parseLines(text, isSingle) : parsePage(text, isSingle);
  if (!Array.isArray(rows) || (rows.length > 0 && !rows.some(isRow))) {
    throw badAnswer('The page is not a list of row objects.');
  }
  return rows.map((row) => (isRow(row) ? row : unparsable(JSON.stringify(row))));
}

/** Whether an answer is not even the beginning of a list of rows. */
export function isNoList(text: string, contentType = 'application/json'): boolean {
  return !isLines(contentType) && !text.trimStart().startsWith('[');
}

const isLines = (contentType: string) => /ndjson|jsonl/i.test(contentType);

/** Whether rows had begun, and one of them may be what makes the others unreadable. */
export function isUnreadableList({ code, details }: AppError): boolean {
  return code === 'LAKE_BAD_ANSWER' && details.some(({ isList }) => isList === true);
}

/** Whether a row stands for one that is no JSON. */
export function isUnparsable(row: Row): boolean {
  return UNPARSABLE_COLUMN in row;
}

function parsePage(text: string, isSingle: boolean): unknown {
  const page = parse(text);
  if (page !== NO_JSON) return page;
  const single = isSingle && ONE_ROW.exec(text)?.[1];
  if (single) return [parseFirst(single) ?? parseRow(single)];
  const rows = rowTexts(text)?.map(parseRow);
  if (!rows || rows.some(mayBeSeveral)) throw notWhole({ isList: !isNoList(text) });
  return rows;
}

/** Whatever lies between the brackets of a list and of an object in it. */
const ONE_ROW = /^\s*\[\s*(\{[\s\S]*\})\s*\]\s*$/;
/** Where one row ends and the next one begins. */
const BETWEEN_ROWS = /\}\s*,\s*\{/;

/** A quote too many in a row and another one in a later row: what is between them looks quoted. */
function mayBeSeveral(row: unknown): boolean {
  if (!isRow(row) || !isUnparsable(row)) return false;
  return BETWEEN_ROWS.test(String(row[UNPARSABLE_COLUMN]));
}

/** A line that is no whole object is where a transfer broke, or a row that has a line break. */
function parseLines(text: string, isSingle: boolean): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [first = ''] = lines;
  const single = isSingle && parse(first) === NO_JSON && ONE_ROW.exec(`[${text}]`)?.[1];
  if (single) return [parseRow(single)];
  return lines.slice(0, isSingle ? 1 : undefined).map((line) => {
    const row = parse(line);
    if (row !== NO_JSON) return row;
    if (rowTexts(`[${line}]`)?.length !== 1) throw notWhole({ isList: true });
    return parseRow(line);
  });
}

function parseRow(text: string): unknown {
  const row = parse(text);
  if (row !== NO_JSON) return row;
  const second = parse(repaired(text));
  return second === NO_JSON ? unparsable(text) : second;
}

/** The sound row at the beginning of several, where the lake sends more than were asked for. */
function parseFirst(rows: string): unknown {
  const first = firstOfSeveral(rows);
  const row = first === undefined ? NO_JSON : parse(first);
  return row === NO_JSON ? undefined : row;
}

function unparsable(text: string): Row {
  return { [UNPARSABLE_COLUMN]: text };
}

const NO_JSON = Symbol('no JSON');

function parse(text: string): unknown {
  const exact = MAYBE_LONG_NUMBER.test(text) ? text.replace(TEXT_OR_NUMBER, quoteLong) : text;
  try {
    return JSON.parse(exact);
  } catch {
    return NO_JSON;
  }
}

function quoteLong(token: string): string {
  return token.startsWith('"') || fitsDouble(token) ? token : `"${token}"`;
}

/** Whether a double keeps the number: 15 digits always fit; and it must not over- or underflow. */
function fitsDouble(token: string): boolean {
  const digits = token
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  const value = Number(token);
  return digits.length <= 15 && Number.isFinite(value) && (value !== 0 || digits === '');
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notWhole(facts: { isList?: boolean } = {}): AppError {
  return badAnswer('The page is not JSON, or only a part of it came.', facts);
}

function badAnswer(message: string, facts: { isList?: boolean } = {}): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message, ...facts }] });
}
