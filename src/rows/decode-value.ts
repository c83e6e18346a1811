import type { ColumnCounts } from '../models/reading.js';
import type { ColumnKind } from '../tables/table.js';
import { epochMsFloor, readDate } from './date.js';
import { readDeleteFlag } from './delete-flag.js';
import { exactNumber } from './number.js';
import { isStorable } from './storable.js';

/** Why a value can't be stored as its column's kind. */
export type ValueProblem =
  | 'text_invalid'
  | 'number_invalid'
  | 'number_too_long'
  | 'number_out_of_range'
  | 'date_invalid'
  | 'delete_flag_unknown'
  | 'modified_missing'
  | 'row_unparsable';

/**
 * A definition's kinds and three more: the index time, a column that the definition doesn't know,
 * and the column that has the text of a row that is not JSON.
 */
export type AnyKind = ColumnKind | 'modified' | 'unknown' | 'unparsable';

/** Stands for a value that is not stored. `blank`: only white space in a number or date column. */
export class NotStored {
  constructor(readonly reason: ValueProblem | 'blank') {}
}

const BLANK = new NotStored('blank');
const NO_TEXT = new NotStored('text_invalid');
const NO_DATE = new NotStored('date_invalid');
const NO_NUMBER = new NotStored('number_invalid');
const NO_FLAG = new NotStored('delete_flag_unknown');
const NO_INDEX_TIME = new NotStored('modified_missing');
const NO_ROW = new NotStored('row_unparsable');

/** The counts of a column's values that the decoder keeps. */
export type ValueCounts = Pick<ColumnCounts, 'blank' | 'cut'>;

/**
 * Decodes a value to what is stored: text, number or Decimal128, Date; an unknown column's value
 * unchanged; epoch milliseconds for the index time.
 * @param counts of the column; a date that is cut is added
 * @returns NotStored for a value that does not match the kind
 */
export function decodeValue(kind: AnyKind, value: unknown, counts: ValueCounts): unknown {
  switch (kind) {
    case 'text':
      return decodeText(value);
    case 'number':
      return decodeNumber(value);
    case 'date':
      return decodeDate(value, counts);
    case 'modified': {
      const ms = typeof value === 'string' ? epochMsFloor(value) : undefined;
      return typeof ms === 'number' ? ms : NO_INDEX_TIME;
    }
    case 'deleteFlag':
      return readDeleteFlag(value) === undefined ? NO_FLAG : value;
    case 'unknown':
      return isStorable(value) ? value : NO_TEXT;
    case 'unparsable':
      return NO_ROW;
  }
}

/** Whether a value is text without unpaired surrogates, which BSON would silently replace. */
export function isSoundText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

function decodeText(value: unknown): unknown {
  if (isSoundText(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return NO_TEXT;
}

function decodeNumber(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value !== 'string') return NO_NUMBER;
  const decoded = exactNumber(value);
  if (typeof decoded !== 'string') return decoded;
  return isBlank(value) ? BLANK : new NotStored(decoded);
}

function decodeDate(value: unknown, counts: ValueCounts): unknown {
  if (typeof value !== 'string') return NO_DATE;
  const read = readDate(value);
  if (typeof read === 'number') return new Date(read);
  if (typeof read === 'string') return isBlank(value) ? BLANK : NO_DATE;
  counts.cut++;
  return new Date(read.cutMs);
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
