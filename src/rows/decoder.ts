import { isDeepStrictEqual } from 'node:util';
import type { RowDocument } from '../models/row.js';
import type { KindSources } from '../tables/column-kinds.js';
import type { TableDefinition } from '../tables/table.js';
import { type Column, type CountedColumn, createColumnResolver } from './columns.js';
import { decodeValue, isSoundText, NotStored } from './decode-value.js';
import { readDeleteFlag } from './delete-flag.js';
import { businessKey } from './key.js';
import {
  type Fault,
  type LakeRow,
  type RejectedRow,
  rejectOf,
  rowDigest,
  type UnreadableField,
} from './rejected-row.js';
import { createShaper } from './shape.js';

export type { LakeRow, RejectedRow } from './rejected-row.js';

/** To be increased when the same lake row decodes to another document: all tables are read again. */
export const DECODER_VERSION = 3;

/** A lake row, ready to be written. */
export interface DecodedRow {
  readonly id: string;
  /** When the lake indexed this version, epoch milliseconds. */
  readonly modifiedMs: number;
  readonly deleted: boolean;
  /** The surrogate key, null if the row has none; a business key can be reused after a delete. */
  readonly serialKey: unknown;
  /** The stored name of its column, if the row has one. */
  readonly serialColumn: string | undefined;
  /** The identity of the row's rejects if a part of its business key is missing. */
  readonly surrogate: string;
  readonly document: RowDocument;
  /** The stored name of the delete flag's column, if the row has one. */
  readonly flagColumn: string | undefined;
  /** Sorted by column; empty for a deleted row, of which no other values are stored. */
  readonly unreadable: readonly UnreadableField[];
  readonly raw: LakeRow;
}

export type Decoded =
  | { readonly ok: true; readonly row: DecodedRow }
  | { readonly ok: false; readonly reject: RejectedRow };

export interface Decoder {
  decode(row: LakeRow): Decoded;
  /** Stored names of the columns met so far that the definition doesn't know. */
  readonly unknownColumns: ReadonlySet<string>;
  /** Columns met so far that are stored under another name than the lake's: `"sku" as SKU`. */
  readonly renamedColumns: ReadonlySet<string>;
  /** The counts since the last call; columns without any are left out. */
  takeCounts(): CountedColumn[];
}

export interface DecoderOptions {
  /** The documents' epoch; default 0. */
  readonly epoch?: number;
  /** Names under which unknown columns are stored already, the preferred spellings first. */
  readonly storedNames?: readonly string[];
  /** What is known of columns besides the definition. */
  readonly kinds?: KindSources;
}

type Fields = Record<string, unknown>;

/** What is read from a row besides its document's fields. */
interface Reading {
  readonly key: (string | undefined)[];
  modifiedMs: number | undefined;
  deleted: boolean;
  serialKey: unknown;
  serialColumn: string | undefined;
  flagColumn: string | undefined;
  unreadable: readonly UnreadableField[];
  /** The first fault in key, surrogate key, version or delete flag: it rejects the row. */
  fault: Fault | undefined;
  /** The document's fields are not exactly the row's columns. */
  reshaped: boolean;
}

const NONE: readonly UnreadableField[] = [];

/**
 * Compiles the decoder of a table. An unreadable value is left out of the document and listed
 * there. Only if the row's identity, its version or its delete flag is unreadable is the row
 * rejected.
 */
export function compileDecoder(
  definition: TableDefinition,
  { epoch = 0, storedNames = [], kinds = {} }: DecoderOptions = {},
): Decoder {
  const keyColumns = ['WHSEID', ...definition.key];
  const columns = createColumnResolver(definition, storedNames, kinds);
  const { met } = columns;
  const shaped = createShaper();

  function decode(raw: LakeRow): Decoded {
    // `_id` first and `_lake` last, always: a replacement is a no-op only if the order is equal.
    // Copied as a whole, for the reason that `shape.ts` gives.
    const copy: Fields = { _id: '', ...raw };
    const row = readInto(copy, raw);
    const document = row.reshaped ? shaped(storedFields(raw, copy, row)) : copy;

    const { key, modifiedMs, serialKey, deleted } = row;
    const missing = keyColumns.find((_, i) => key[i] === undefined);
    const fault = row.fault ?? missingFault(missing);
    const surrogate = `?SERIALKEY=${String(serialKey)}|${key[0] ?? ''}`;
    if (fault || modifiedMs === undefined) {
      const named = serialKey === null ? `?ROW=${rowDigest(raw)}` : surrogate;
      const identity = missing ? named : businessKey(key as string[]);
      return { ok: false, reject: rejectOf(raw, fault, { identity, modifiedMs }) };
    }
    const id = businessKey(key as string[]);
    // No other value of a deleted row is stored, so unreadable ones don't matter.
    const unreadable = deleted ? NONE : row.unreadable;
    document._id = id;
    document._lake = {
      modifiedAt: new Date(modifiedMs),
      ...(epoch > 0 && { epoch }),
      ...(unreadable.length > 0 && { unreadable: unreadable.map(({ column }) => column) }),
    };
    const { serialColumn, flagColumn } = row;
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
        unreadable,
        raw,
      },
    };
  }

  /** Decodes the copy's values in place; one that is not stored becomes undefined. */
  function readInto(copy: Fields, raw: LakeRow): Reading {
    const row = newReading(keyColumns);
    for (const name in raw) {
      const value = raw[name];
      if (value === null || value === undefined) {
        leaveOut(copy, name, row);
        continue;
      }
      const column = met.get(name) ?? columns.resolve(name);
      // Most values are text that is stored unchanged: the copy has it already.
      if (column.isPlain && column.kind === 'text' && isSoundText(value)) continue;
      const decoded = decodeValue(column.kind, value, column);
      if (decoded instanceof NotStored) {
        leaveOut(copy, name, row);
        const { reason } = decoded;
        if (column.role) {
          row.fault ??= { column: name, reason: reason === 'blank' ? 'number_invalid' : reason };
        } else if (reason === 'blank') column.blank++;
        else row.unreadable = [...row.unreadable, { column: column.name, reason, value }];
        continue;
      }
      copy[name] = decoded;
      if (!column.isPlain) note(row, column, decoded, copy, name);
    }
    return row;
  }

  /** The fields of a document that differ from the row's columns. Sorts the unreadable ones. */
  function storedFields(raw: LakeRow, copy: Fields, row: Reading): Map<string, unknown> {
    const fields = new Map<string, unknown>();
    const unreadable = new Map(row.unreadable.map((field) => [field.column, field]));
    for (const name in raw) {
      const value = copy[name];
      if (value === undefined) continue;
      const { name: column, role } = columns.resolve(name);
      if (!fields.has(column)) fields.set(column, value);
      else if (!isDeepStrictEqual(fields.get(column), value)) {
        const reason = 'column_twice';
        if (role) row.fault ??= { column: name, reason };
        else unreadable.set(column, { column, reason, value: raw[name] });
      }
    }
    for (const column of unreadable.keys()) fields.delete(column);
    row.unreadable = [...unreadable.values()].sort((a, b) => (a.column < b.column ? -1 : 1));
    return fields;
  }

  return {
    decode,
    unknownColumns: columns.unknown,
    renamedColumns: columns.renamed,
    takeCounts: columns.takeCounts,
  };
}

function newReading(keyColumns: readonly string[]): Reading {
  return {
    key: keyColumns.map(() => undefined),
    modifiedMs: undefined,
    deleted: false,
    serialKey: null,
    serialColumn: undefined,
    flagColumn: undefined,
    unreadable: NONE,
    fault: undefined,
    reshaped: false,
  };
}

function missingFault(column: string | undefined): Fault | undefined {
  return column === undefined ? undefined : { column, reason: 'key_missing' };
}

function leaveOut(copy: Fields, name: string, row: Reading): void {
  copy[name] = undefined;
  row.reshaped = true;
}

/** Records a value with a role, and whether it is stored under another name. */
function note(
  row: Reading,
  { role, name, keyIndex }: Column,
  value: unknown,
  copy: Fields,
  nameInRow: string,
): void {
  if (name !== nameInRow && role !== 'modified') row.reshaped = true;
  switch (role) {
    case 'key':
      row.key[keyIndex] = value as string;
      break;
    case 'serialKey':
      row.serialKey = value;
      row.serialColumn = name;
      break;
    case 'deleteFlag':
      row.deleted = readDeleteFlag(value) === true;
      row.flagColumn = name;
      break;
    case 'modified':
      row.modifiedMs = value as number;
      // It is the row's last column: deleting an object's last property is cheap in V8.
      delete copy[nameInRow];
      break;
  }
}
