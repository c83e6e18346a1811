import type { QueryIndex } from './query-index.js';
import type { ViewDefinition } from './view.js';

/**
 * The kind of a column, which determines how its values are stored:
 * - `text`: a string, unchanged (keys, codes, leading zeros, blanks)
 * - `number`: a double if that is exact, otherwise a Decimal128
 * - `date`: a Date; the lake's dates are UTC
 * - `deleteFlag`: text that says whether the lake regards the row as deleted
 */
export type ColumnKind = 'text' | 'number' | 'date' | 'deleteFlag';

export type Columns = Readonly<Record<string, ColumnKind>>;

/** One WMS table: everything that SQL, decoder, Mongoose schema and API derive from. */
export interface TableDefinition {
  /** The name that the API uses, e.g. `taskdetail`. */
  readonly tableId: string;
  readonly tableName: string;
  readonly description: string;
  /** The MongoDB collection of the rows. */
  readonly collection: string;
  /** The Data Lake object; one holds the rows of all warehouses. */
  readonly object: string;
  /** The columns that, with WHSEID, are unique: together they make `_id`. */
  readonly key: readonly string[];
  /** Minutes between two scheduled runs in the default configuration. */
  readonly syncFrequency: number;
  /**
   * The known columns. The lake may lack some of them, and may have others: those are
   * stored as they arrive, and reported.
   */
  readonly columns: Columns;
  /** Created only with the profile `wms`: each one makes every write more expensive. */
  readonly queryIndexes?: readonly QueryIndex[];
  /** Views over the collection; created only with the profile `wms`. */
  readonly views?: readonly ViewDefinition[];
}

/** Fields of every document that an index may have besides columns. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['_id', '_lake.modifiedAt']);

/** Validates a definition, so that a mistake in a table file fails at start. */
export function defineTable(definition: TableDefinition): TableDefinition {
  const { tableId, key, columns } = definition;
  if (key.length === 0) throw new Error(`${tableId} has no key`);
  if (key.includes('WHSEID')) throw new Error(`${tableId}: WHSEID is in every key by itself`);
  for (const name of ['WHSEID', ...key]) {
    if (columns[name] !== 'text') throw new Error(`${tableId}: key column ${name} is not text`);
  }
  // The lake's names are looked up in capitals, in whatever case they come.
  for (const name of Object.keys(columns)) {
    if (name !== name.toUpperCase()) throw new Error(`${tableId}: ${name} is not in capitals`);
  }
  for (const index of definition.queryIndexes ?? []) validateIndex(definition, index);
  return definition;
}

function validateIndex({ tableId, columns }: TableDefinition, index: QueryIndex): void {
  const { name, keys, unlessBlank = name } = index;
  for (const column of Object.keys(keys)) {
    if (OWN_FIELDS.has(column) || Object.hasOwn(columns, column)) continue;
    throw new Error(`${tableId}: index ${name} has ${column}, which is no column`);
  }
  if (unlessBlank !== name && (!keys[unlessBlank] || columns[unlessBlank] !== 'text')) {
    throw new Error(`${tableId}: index ${name} needs ${unlessBlank} as a key, and as text`);
  }
}

/** Columns of one kind, their names separated by white space: `...text('SKU LOT')`. */
export const text = (names: string): Columns => ofKind('text', names);
export const number = (names: string): Columns => ofKind('number', names);
export const date = (names: string): Columns => ofKind('date', names);

function ofKind(kind: ColumnKind, names: string): Columns {
  const words = names.split(/\s+/).filter((word) => word !== '');
  return Object.fromEntries(words.map((name) => [name, kind]));
}

/** `numbered('SUSR', 1, 3)` → `SUSR1 SUSR2 SUSR3`; `digits` pads: LOTTABLE01. */
export function numbered(prefix: string, first: number, last: number, digits = 1): string {
  const count = last - first + 1;
  return Array.from(
    { length: count },
    (_, i) => `${prefix}${String(first + i).padStart(digits, '0')}`,
  ).join(' ');
}
