import { MODIFIED_COLUMN } from '../tables/decoder.js';
import { ceilingLiteral, integerLiteral, quoteName, quoteText, timestampLiteral } from './sql.js';

/** What a statement has to know about a table. */
export interface QuerySource {
  /** The lake object, e.g. `CSWMS_wmwhse_TASKDETAIL`. */
  readonly object: string;
  /** The surrogate key's column, e.g. `SERIALKEY`. */
  readonly serialKey: string;
  /** Whether the object states deletes in a column, so that deleted rows are read as well. */
  readonly deleteFlag: boolean;
}

/** What a run reads of a table; every bound is inclusive, and one left out is open. */
export interface QueryRange {
  readonly modifiedFrom?: Date | undefined;
  /** The ceiling as it is stored; its literal is rounded up here. */
  readonly modifiedTo?: Date | undefined;
  readonly serialFrom?: bigint | number | string | undefined;
  readonly serialTo?: bigint | number | string | undefined;
  /** Rows without a serial key belong to this range too. */
  readonly withNullSerial?: boolean | undefined;
}

/** Which rows of a table the user asked for. */
export interface QueryFilter {
  /** Warehouses; none or an empty list: all of them. */
  readonly whseids?: readonly string[] | undefined;
  readonly date?: DateFilter | undefined;
  /** Only these rows, at least one: each by the columns that tell it from all others. */
  readonly rows?: readonly RowKey[] | undefined;
}

/** Column to value, as text; null is a column without one. */
export type RowKey = Readonly<Record<string, string | null>>;

export interface DateFilter {
  readonly column: string;
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive: an inclusive bound would have to know how fine the column's times are. */
  readonly until?: Date | undefined;
}

/** Names of the columns of a count. */
export const COUNT_COLUMNS = {
  rows: 'ROW_COUNT',
  minSerial: 'MIN_SERIALKEY',
  maxSerial: 'MAX_SERIALKEY',
  maxModified: 'MAX_MODIFIED',
} as const;

// The UTC time at which the lake indexed the record. In WHERE it takes =, >=, <= and BETWEEN
// only (Infor's documentation); with one object in FROM it needs no argument.
const MODIFIED = 'infor.lastmodified()';

/** The statement that tells how much there is to read, and up to where: one row. */
export function countQuery(source: QuerySource, filter: QueryFilter, range: QueryRange): string {
  const serial = quoteName(source.serialKey);
  const columns = [
    `COUNT(*) AS ${quoteName(COUNT_COLUMNS.rows)}`,
    `MIN(${serial}) AS ${quoteName(COUNT_COLUMNS.minSerial)}`,
    `MAX(${serial}) AS ${quoteName(COUNT_COLUMNS.maxSerial)}`,
    `MAX(${MODIFIED}) AS ${quoteName(COUNT_COLUMNS.maxModified)}`,
  ];
  return `SELECT ${columns.join(', ')}${fromWhere(source, filter, range)}`;
}

/** The statement that reads the rows: every column, and when the lake indexed the row. */
export function dataQuery(source: QuerySource, filter: QueryFilter, range: QueryRange): string {
  return `SELECT *, ${MODIFIED} AS ${quoteName(MODIFIED_COLUMN)}${fromWhere(source, filter, range)}`;
}

function fromWhere(source: QuerySource, filter: QueryFilter, range: QueryRange): string {
  const object = quoteName(source.object);
  // Both views show the highest variation of each key; the plain one hides deleted rows.
  const view = source.deleteFlag ? `infor.includedeleted(${quoteText(source.object)})` : object;
  const conditions = [
    ...filterConditions(filter),
    ...modifiedConditions(range),
    ...serialConditions(quoteName(source.serialKey), range),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  return ` FROM ${view}${where}`;
}

function filterConditions({ whseids = [], date, rows }: QueryFilter): string[] {
  const conditions: string[] = [];
  if (whseids.length > 0) {
    conditions.push(`${quoteName('WHSEID')} IN (${whseids.map(quoteText).join(', ')})`);
  }
  if (date) {
    const column = quoteName(date.column);
    if (date.from) conditions.push(`${column} >= ${timestampLiteral(date.from)}`);
    if (date.until) conditions.push(`${column} < ${timestampLiteral(date.until)}`);
  }
  if (rows) conditions.push(`(${rows.map(rowCondition).join(' OR ')})`);
  return conditions;
}

function rowCondition(key: RowKey): string {
  const columns = Object.entries(key).map(([column, value]) =>
    value === null ? `${quoteName(column)} IS NULL` : `${quoteName(column)} = ${quoteText(value)}`,
  );
  return `(${columns.join(' AND ')})`;
}

function modifiedConditions({ modifiedFrom, modifiedTo }: QueryRange): string[] {
  const conditions: string[] = [];
  if (modifiedFrom) conditions.push(`${MODIFIED} >= ${timestampLiteral(modifiedFrom)}`);
  if (modifiedTo) conditions.push(`${MODIFIED} <= ${ceilingLiteral(modifiedTo)}`);
  return conditions;
}

function serialConditions(serial: string, range: QueryRange): string[] {
  const bounds: string[] = [];
  if (range.serialFrom !== undefined) {
    bounds.push(`${serial} >= ${integerLiteral(range.serialFrom)}`);
  }
  if (range.serialTo !== undefined) bounds.push(`${serial} <= ${integerLiteral(range.serialTo)}`);
  if (bounds.length === 0 || !range.withNullSerial) return bounds;
  return [`((${bounds.join(' AND ')}) OR ${serial} IS NULL)`];
}
