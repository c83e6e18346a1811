import { createHash } from 'node:crypto';
import { MODIFIED_COLUMN, UNPARSABLE_COLUMN } from '../tables/lake-columns.js';
import type { ValueProblem } from './decode-value.js';
import { jsonText, rowText } from './row-text.js';

/** A row as the lake's JSON has it: NULL columns are absent. */
export type LakeRow = Readonly<Record<string, unknown>>;

export type RejectReason =
  | ValueProblem
  | 'key_missing'
  /** The row has the column twice, in different letter case and with different values. */
  | 'column_twice'
  | 'write_refused';

/** A value that is left out of its row's document. */
export interface UnreadableField {
  /** The name as stored. */
  readonly column: string;
  readonly reason: RejectReason;
  /** As the lake delivered it. */
  readonly value: unknown;
}

/** A lake row that can't be stored, or only without some of its values. */
export interface RejectedRow {
  /**
   * The business key, or the surrogate key if a part of the business key is missing, or a digest of
   * the row if it has neither.
   */
  readonly identity: string;
  readonly reason: RejectReason;
  /** The column at fault; empty if it is the whole row. */
  readonly column: string;
  readonly message: string;
  /** When the lake indexed the version, epoch milliseconds; undefined if that can't be read. */
  readonly modifiedMs: number | undefined;
  readonly raw: LakeRow;
  /** Set if the row is stored without these values. */
  readonly unreadable?: readonly UnreadableField[];
}

export interface Fault {
  readonly column: string;
  readonly reason: RejectReason;
}

/** Characters that a reject keeps of a row that is not JSON. */
const KEPT_TEXT = 10_000;
/** Characters of a value that a message shows. */
const SHOWN = 100;

/** The reject of a row that is not stored. @param fault undefined: its index time is missing */
export function rejectOf(
  raw: LakeRow,
  fault: Fault | undefined,
  version: Pick<RejectedRow, 'identity' | 'modifiedMs'>,
): RejectedRow {
  const { column, reason } = fault ?? { column: MODIFIED_COLUMN, reason: 'modified_missing' };
  if (reason === 'row_unparsable') return unparsable(raw, version);
  return { ...version, column, reason, message: messageOf(column, raw[column]), raw };
}

/** The reject of a row that is stored without some of its values; at least one. */
export function rejectOfFields({
  id,
  modifiedMs,
  unreadable,
  raw,
}: {
  readonly id: string;
  readonly modifiedMs: number;
  readonly unreadable: readonly UnreadableField[];
  readonly raw: LakeRow;
}): RejectedRow {
  const [first] = unreadable;
  const { column, reason, value } = first ?? { column: '', reason: 'text_invalid', value: null };
  const message = messageOf(column, value);
  return { identity: id, modifiedMs, column, reason, message, raw, unreadable };
}

/** Distinguishes rows without any key: their rejects are all that is stored of them. */
export function rowDigest(raw: LakeRow): string {
  return createHash('sha256').update(rowText(raw)).digest('hex').slice(0, 32);
}

function unparsable(
  { [UNPARSABLE_COLUMN]: text }: LakeRow,
  version: Pick<RejectedRow, 'identity' | 'modifiedMs'>,
): RejectedRow {
  const kept = String(text).slice(0, KEPT_TEXT);
  const message = `the row is not JSON: ${JSON.stringify(kept).slice(0, SHOWN)}`;
  return {
    ...version,
    column: '',
    reason: 'row_unparsable',
    message,
    raw: { [UNPARSABLE_COLUMN]: kept },
  };
}

function messageOf(column: string, value: unknown): string {
  const shown = value === undefined ? 'no value' : jsonText(value).slice(0, SHOWN);
  return `${column}: ${shown}`;
}
