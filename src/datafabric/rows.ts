import { AppError } from '../errors/app-error.js';

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
 * @throws AppError LAKE_BAD_ANSWER for everything else, an empty JSON body too: it is what a
 *   broken transfer leaves, and taken for a page it would end the result early
 */
export function parseRows(text: string, contentType = 'application/json'): Row[] {
  const rows = isLines(contentType) ? parseLines(text) : parse(text);
  if (!Array.isArray(rows) || !rows.every(isRow)) {
    throw badAnswer('The page is not a list of row objects.');
  }
  return rows;
}

/** Whether an answer is not even the beginning of a list of rows. */
export function isNoList(text: string, contentType = 'application/json'): boolean {
  return !isLines(contentType) && !text.trimStart().startsWith('[');
}

const isLines = (contentType: string) => /ndjson|jsonl/i.test(contentType);

function parseLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parse);
}

function parse(text: string): unknown {
  const exact = MAYBE_LONG_NUMBER.test(text) ? text.replace(TEXT_OR_NUMBER, quoteLong) : text;
  try {
    return JSON.parse(exact);
  } catch {
    throw badAnswer('The page is not JSON, or only a part of it came.');
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

function badAnswer(message: string): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message }] });
}
