import { createHash } from 'node:crypto';
import { epochMs, epochMsFloor } from './date.js';
import { readDeleteFlag } from './delete-flag.js';
import { businessKey } from './key.js';
import { exactNumber } from './number.js';
import { isColumnName, isStorable } from './storable.js';
import type { ColumnKind, TableDefinition } from './table.js';

/** Grows whenever the same lake row decodes to another document: every table is then read anew. */
export const DECODER_VERSION = 1;

/** The column in which the query delivers `infor.lastmodified()`. */
export const MODIFIED_COLUMN = 'LAKE_MODIFIED';

/** A row as the lake's JSON has it: NULL columns are absent. */
export type LakeRow = Readonly<Record<string, unknown>>;

export type RowDocument = {
  _id: string;
  _lake: {
    /** When the lake indexed the version. */
    modifiedAt: Date;
    /** Left out where it is 0. */
    epoch?: number;
  };
} & Record<string, unknown>;

/** A lake row, ready to be written. */
export interface DecodedRow {
  readonly id: string;
  /** When the lake indexed this version, epoch milliseconds. */
  readonly modifiedMs: number;
  readonly deleted: boolean;
  /** The surrogate key, null where the lake has none; a business key can be used again. */
  readonly serialKey: unknown;
  /** Its column as the lake spells it, where the row has one. */
  readonly serialColumn: string | undefined;
  /** What a reject of the row is named by where a part of its business key is missing. */
  readonly surrogate: string;
  readonly document: RowDocument;
  /** The delete flag as the lake spells it, where the row carries one. */
  readonly flagColumn: string | undefined;
  readonly raw: LakeRow;
}

export type RejectReason =
  | 'key_missing'
  | 'modified_missing'
  | 'text_invalid'
  | 'number_invalid'
  | 'number_too_long'
  | 'date_invalid'
  | 'date_too_fine'
  | 'delete_flag_unknown'
  | 'column_name_reserved'
  | 'write_refused';

/** A lake row that can't be stored as what its table says it is. */
export interface RejectedRow {
  /**
   * The business key, or the surrogate key where a part of the business key is missing, or
   * what the row holds where both are.
   */
  readonly identity: string;
  readonly reason: RejectReason;
  /** The column at fault. */
  readonly column: string;
  readonly message: string;
  /** As of a row that can be stored; undefined where that can't be read. */
  readonly modifiedMs: number | undefined;
  readonly raw: LakeRow;
}

export type Decoded =
  | { readonly ok: true; readonly row: DecodedRow }
  | { readonly ok: false; readonly reject: RejectedRow };

export interface Decoder {
  decode(row: LakeRow): Decoded;
  /** Columns met so far that the definition doesn't know. */
  readonly unknownColumns: ReadonlySet<string>;
}

interface Column {
  readonly kind: ColumnKind | 'modified' | 'unknown' | 'reserved';
  /** Position in [WHSEID, ...key], or -1. */
  readonly keyIndex: number;
  readonly isSerialKey: boolean;
}

interface Fault {
  readonly column: string;
  readonly reason: RejectReason;
}

class BadValue {
  constructor(readonly reason: RejectReason) {}
}

/**
 * Compiles the decoder of a table. Column names are matched whatever their case (the lake
 * does so too) and stored as the lake spells them.
 * @param epoch that the documents carry
 */
export function compileDecoder(definition: TableDefinition, epoch = 0): Decoder {
  const keyColumns = ['WHSEID', ...definition.key];
  const resolved = new Map<string, Column>();
  const unknownColumns = new Set<string>();

  function resolve(name: string): Column {
    const upper = name.toUpperCase();
    const known = definition.columns[upper];
    let kind: Column['kind'] = known ?? 'unknown';
    if (upper === MODIFIED_COLUMN) kind = 'modified';
    else if (!isColumnName(name)) kind = 'reserved';
    else if (!known) unknownColumns.add(name);
    const column = {
      kind,
      keyIndex: keyColumns.indexOf(upper),
      isSerialKey: upper === 'SERIALKEY',
    };
    resolved.set(name, column);
    return column;
  }

  function decode(raw: LakeRow): Decoded {
    // `_id` first and `_lake` last, always: a replacement is a no-op only if the order is equal.
    // Copied whole, since an object filled name by name ends as a hash table of five times the size.
    const document: Record<string, unknown> = { _id: '', ...raw };
    const key: (string | undefined)[] = keyColumns.map(() => undefined);
    let modifiedMs: number | undefined;
    let deleted = false;
    let serialKey: unknown = null;
    let serialColumn: string | undefined;
    let flagColumn: string | undefined;
    let bad: Fault | undefined;
    // Of a deleted row nothing else is stored: what else is wrong with it is no matter.
    let badIdentity: Fault | undefined;

    for (const name in raw) {
      const value = raw[name];
      if (value === null || value === undefined) {
        delete document[name];
        continue;
      }
      const column = resolved.get(name) ?? resolve(name);
      const decoded = decodeValue(column.kind, value);
      if (decoded instanceof BadValue) {
        const fault = { column: name, reason: decoded.reason };
        if (saysWhichRow(column)) badIdentity ??= fault;
        else bad ??= fault;
        delete document[name];
        continue;
      }
      if (column.kind === 'modified') {
        modifiedMs = decoded as number;
        delete document[name];
        continue;
      }
      document[name] = decoded;
      if (column.keyIndex >= 0) key[column.keyIndex] = decoded as string;
      else if (column.isSerialKey) {
        serialKey = decoded;
        serialColumn = name;
      } else if (column.kind === 'deleteFlag') {
        deleted = readDeleteFlag(decoded) === true;
        flagColumn = name;
      }
    }

    bad = badIdentity ?? (deleted ? undefined : bad);
    const missing = keyColumns.find((_, i) => key[i] === undefined);
    if (!bad && missing) bad = { column: missing, reason: 'key_missing' };
    if (!bad && modifiedMs === undefined) {
      bad = { column: MODIFIED_COLUMN, reason: 'modified_missing' };
    }
    const complete = key.every((part) => part !== undefined);
    const surrogate = `?SERIALKEY=${String(serialKey)}|${key[0] ?? ''}`;
    if (bad || modifiedMs === undefined || !complete) {
      const named = serialKey === null ? `?ROW=${digest(raw)}` : surrogate;
      const identity = complete ? businessKey(key as string[]) : named;
      return { ok: false, reject: { ...reasonOf(raw, bad), identity, modifiedMs, raw } };
    }
    const id = businessKey(key as string[]);

    document._id = id;
    document._lake = { modifiedAt: new Date(modifiedMs), ...(epoch > 0 && { epoch }) };
    return {
      ok: true,
      row: {
        id,
        modifiedMs,
        deleted,
        serialKey,
        serialColumn,
        surrogate,
        document: document as RowDocument,
        flagColumn,
        raw,
      },
    };
  }

  return { decode, unknownColumns };
}

/** What has to be right even of a deleted row: which one it is, and that it is deleted. */
function saysWhichRow({ kind, keyIndex, isSerialKey }: Column): boolean {
  return keyIndex >= 0 || isSerialKey || kind === 'modified' || kind === 'deleteFlag';
}

/** Tells rows without any key apart: their rejects are the only trace of them. */
function digest(raw: LakeRow): string {
  return createHash('sha256').update(JSON.stringify(raw)).digest('hex').slice(0, 32);
}

function reasonOf(raw: LakeRow, bad: Fault | undefined): Fault & { message: string } {
  const { column, reason } = bad ?? {
    column: MODIFIED_COLUMN,
    reason: 'modified_missing' as const,
  };
  const value = raw[column];
  const shown = value === undefined ? 'no value' : JSON.stringify(value).slice(0, 100);
  return { column, reason, message: `${column}: ${shown}` };
}

function decodeValue(kind: Column['kind'], value: unknown): unknown {
  switch (kind) {
    case 'text':
      return decodeText(value);
    case 'number':
      return decodeNumber(value);
    case 'date':
      return decodeDate(value);
    case 'modified': {
      const ms = typeof value === 'string' ? epochMsFloor(value) : 'modified_missing';
      return typeof ms === 'number' ? ms : new BadValue('modified_missing');
    }
    case 'deleteFlag':
      return readDeleteFlag(value) === undefined ? new BadValue('delete_flag_unknown') : value;
    case 'unknown':
      return isStorable(value) ? value : new BadValue('text_invalid');
    case 'reserved':
      return new BadValue('column_name_reserved');
  }
}

function decodeText(value: unknown): unknown {
  if (typeof value === 'string') {
    // BSON would replace half a surrogate pair without saying so.
    return value.isWellFormed() ? value : new BadValue('text_invalid');
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return new BadValue('text_invalid');
}

function decodeNumber(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value !== 'string') return new BadValue('number_invalid');
  const decoded = exactNumber(value);
  return typeof decoded === 'string' ? new BadValue(decoded) : decoded;
}

function decodeDate(value: unknown): unknown {
  if (typeof value !== 'string') return new BadValue('date_invalid');
  const ms = epochMs(value);
  return typeof ms === 'number' ? new Date(ms) : new BadValue(ms);
}
