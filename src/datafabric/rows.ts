import { AppError } from '../errors/app-error.js';
import { UNPARSABLE_COLUMN } from '../tables/lake-columns.js';
import { firstOfSeveral, repaired, rowTexts } from './row-texts.js';

/** A row as the lake delivers it; NULL columns are absent. */
export type Row = Readonly<Record<string, unknown>>;

// A number outside quotes that may not fit a double: 16 characters or more, or an exponent.
// A text that looks like one only makes parsing slower.
const MAYBE_LONG_NUMBER = /[:[,]\s*-?\d(?:[\d.]{15}|[\d.]*[eE])/;

// A whole text, which is skipped, or a number.
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The rows of a result page: a JSON array of objects or, depending on `contentType`, one object per
 * line; no line means no rows. A number that a double would change is returned as its text.
 *
 * A row that is not JSON does not affect the rest of its page: raw control characters, NaN and
 * Infinity in it are repaired, else it becomes a row whose only column is UNPARSABLE_COLUMN. So does
 * anything among the rows that is not an object, for example `null`.
 * @param isSingle at most one row was requested: everything between the page's brackets is that row,
 *   unless it is a valid row followed by others
 * @throws AppError LAKE_BAD_ANSWER for everything else, including an empty JSON body: a broken
 *   transfer leaves one, and as a page it would end the result early. If a list has begun, a detail
 *   has `isList`: one of its rows may make the others unreadable.
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

/** Whether an answer does not even begin like a list of rows. */
export function isNoList(text: string, contentType = 'application/json'): boolean {
  return !isLines(contentType) && !text.trimStart().startsWith('[');
}

const isLines = (contentType: string) => /ndjson|jsonl/i.test(contentType);

/** Whether the error is that of a list of rows, one of which may make the others unreadable. */
export function isUnreadableList({ code, details }: AppError): boolean {
  return code === 'LAKE_BAD_ANSWER' && details.some(({ isList }) => isList === true);
}

/** Whether a row stands for one that is not JSON. */
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

/** Everything between the outermost brackets of a list with an object in it. */
const ONE_ROW = /^\s*\[\s*(\{[\s\S]*\})\s*\]\s*$/;
/** Where one row ends and the next one begins. */
const BETWEEN_ROWS = /\}\s*,\s*\{/;

/** Whether an unparsable row may be several: stray quotes in two rows make what is between look quoted. */
function mayBeSeveral(row: unknown): boolean {
  if (!isRow(row) || !isUnparsable(row)) return false;
  return BETWEEN_ROWS.test(String(row[UNPARSABLE_COLUMN]));
}

/** The rows of lines. A line that is not a whole object is a broken transfer, or a row with a line break. */
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

/** The valid row at the beginning of several, if the lake sends more than were requested. */
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

/** Whether a double represents the number exactly: up to 15 digits, without overflow or underflow. */
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
  return badAnswer('The page is not JSON, or it is incomplete.', facts);
}

function badAnswer(message: string, facts: { isList?: boolean } = {}): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message, ...facts }] });
}
