import type { ColumnCounts } from '../models/reading.js';
import type { ColumnKind } from '../tables/table.js';
import { epochMsFloor, readDate } from './date.js';
import { readDeleteFlag } from './delete-flag.js';
import { exactNumber } from './number.js';
import { isStorable } from './storable.js';

/** Why a value can't be stored as what its column holds. */
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
 * The kinds of columns beside those of a definition: the index time, a column that no definition
 * knows, and the one in which a row stands that is no JSON.
 */
export type AnyKind = ColumnKind | 'modified' | 'unknown' | 'unparsable';

/** Instead of a value that is not stored. `blank`: white space in a number or date column. */
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

/** What is counted of a column's values. */
export type ValueCounts = Pick<ColumnCounts, 'blank' | 'cut'>;

/**
 * A value as MongoDB is to store it: text, number or Decimal128, Date, what came where the kind
 * is not known; epoch milliseconds for the index time.
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

/** BSON would replace an unpaired surrogate without saying so. */
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
