import { MODIFIED_COLUMN } from '../tables/lake-columns.js';
import { TOTAL_COLUMNS } from './result-totals.js';
import { ceilingLiteral, integerLiteral, quoteName, quoteText, timestampLiteral } from './sql.js';

/** What a statement depends on of a table. */
export interface QuerySource {
  /** The lake object, e.g. `CSWMS_wmwhse_TASKDETAIL`. */
  readonly object: string;
  /** The surrogate key's column, e.g. `SERIALKEY`; undefined if the object has none. */
  readonly serialKey: string | undefined;
  /** Whether the object has a usable delete flag, so that deleted rows are read as well. */
  readonly deleteFlag: boolean;
}

/** The range that a query reads; a bound that is left out is open. */
export interface QueryRange {
  /** Inclusive. */
  readonly modifiedFrom?: Date | undefined;
  /** The ceiling as it is stored, inclusive; its literal is rounded up here. */
  readonly modifiedTo?: Date | undefined;
  /** Inclusive. */
  readonly serialFrom?: bigint | number | string | undefined;
  /** Exclusive, so that every value, even a text or a fraction, is in exactly one range. */
  readonly serialBefore?: bigint | number | string | undefined;
  /** Rows without a serial key belong to this range too. */
  readonly withNullSerial?: boolean | undefined;
}

/** The rows that a query is limited to. */
export interface QueryFilter {
  /** Warehouses; absent or empty: all of them. */
  readonly whseids?: readonly string[] | undefined;
  readonly date?: DateFilter | undefined;
  /** Only these rows, at least one; each by the columns that identify it. */
  readonly rows?: readonly RowKey[] | undefined;
}

/** Column to value, as text; null: the column is NULL. */
export type RowKey = Readonly<Record<string, string | null>>;

export interface DateFilter {
  readonly column: string;
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive: an inclusive bound would depend on the precision of the column's times. */
  readonly until?: Date | undefined;
}

/** Names of the columns of a count. */
export const COUNT_COLUMNS = {
  rows: 'ROW_COUNT',
  minSerial: 'MIN_SERIALKEY',
  maxSerial: 'MAX_SERIALKEY',
  maxModified: 'MAX_MODIFIED',
  /** Followed by the position of the warehouse in the list passed to the query. */
  ofWarehouse: 'ROWS_OF_',
} as const;

/** Names of the columns of `deleteFlagQuery`. */
export const FLAG_COLUMNS = { plain: 'PLAIN_ROWS', unflagged: 'UNFLAGGED_ROWS' } as const;

// The UTC time at which the lake indexed the record. WHERE allows only =, >=, <= and BETWEEN for it
// (Infor's documentation); with one object in FROM it needs no argument.
export const MODIFIED = 'infor.lastmodified()';

/**
 * The statement that counts the rows to read and finds their newest index time: one row.
 * @param warehouses whose rows are also counted per warehouse
 */
export function countQuery(
  source: QuerySource,
  filter: QueryFilter,
  range: QueryRange,
  warehouses: readonly string[] = [],
): string {
  const serial = source.serialKey && quoteName(source.serialKey);
  const columns = [
    `COUNT(*) AS ${quoteName(COUNT_COLUMNS.rows)}`,
    ...(serial
      ? [
          `MIN(${serial}) AS ${quoteName(COUNT_COLUMNS.minSerial)}`,
          `MAX(${serial}) AS ${quoteName(COUNT_COLUMNS.maxSerial)}`,
        ]
      : []),
    `MAX(${MODIFIED}) AS ${quoteName(COUNT_COLUMNS.maxModified)}`,
    ...warehouses.map((whseid, place) => {
      const isIt = `${quoteName('WHSEID')} = ${quoteText(whseid)}`;
      return `SUM(CASE WHEN ${isIt} THEN 1 ELSE 0 END) AS ${quoteName(`${COUNT_COLUMNS.ofWarehouse}${place}`)}`;
    }),
  ];
  return `SELECT ${columns.join(', ')}${fromWhere(source, filter, range)}`;
}

/**
 * The statement that reads the rows: every column and the index time.
 * @param totals whether each row also carries the result totals: the number of rows, and the sum of
 *   their serial keys. Both come from the same frozen result as the rows.
 */
export function dataQuery(
  source: QuerySource,
  filter: QueryFilter,
  range: QueryRange,
  { totals = false } = {},
): string {
  const rows = `SELECT *, ${MODIFIED} AS ${quoteName(MODIFIED_COLUMN)}${fromWhere(source, filter, range)}`;
  if (!totals) return rows;
  const sums = [
    `COUNT(*) AS ${quoteName(TOTAL_COLUMNS.rows)}`,
    ...(source.serialKey
      ? [
          `SUM(CAST(${quoteName(source.serialKey)} AS DECIMAL(38,0))) AS ${quoteName(TOTAL_COLUMNS.keySum)}`,
        ]
      : []),
  ];
  return `WITH d AS (${rows}), t AS (SELECT ${sums.join(', ')} FROM d) SELECT * FROM d CROSS JOIN t`;
}

/**
 * The statement whose status lists the object's columns.
 * @param limit 0: it returns no row
 */
export function columnsQuery(object: string, view: 'deleted' | 'plain', limit: 0 | 1): string {
  return `SELECT * FROM ${viewOf(object, view === 'deleted')} LIMIT ${limit}`;
}

/**
 * The statement that shows whether a delete flag is maintained: it counts the rows of the plain
 * view, and the rows that are live by the flag, both in one statement.
 * @param flagColumn as the lake spells it
 * @param deletedValues the flag's values for a deleted row, in lower case
 */
export function deleteFlagQuery(
  object: string,
  filter: QueryFilter,
  flagColumn: string,
  deletedValues: readonly string[],
): string {
  const flag = quoteName(flagColumn);
  const isLive = `(${flag} IS NULL OR LOWER(CAST(${flag} AS VARCHAR)) NOT IN (${deletedValues.map(quoteText).join(', ')}))`;
  const plain = where(filterConditions(filter));
  const unflagged = where([...filterConditions(filter), isLive]);
  const ofPlain = `SELECT COUNT(*) AS ${quoteName(FLAG_COLUMNS.plain)} FROM ${viewOf(object, false)}${plain}`;
  const ofUnflagged = `SELECT COUNT(*) AS ${quoteName(FLAG_COLUMNS.unflagged)} FROM ${viewOf(object, true)}${unflagged}`;
  return `WITH p AS (${ofPlain}), u AS (${ofUnflagged}) SELECT * FROM p CROSS JOIN u`;
}

/** The FROM and WHERE clauses of a statement: the view, and the conditions of filter and range. */
export function fromWhere(source: QuerySource, filter: QueryFilter, range: QueryRange): string {
  const conditions = [
    ...filterConditions(filter),
    ...modifiedConditions(range),
    ...(source.serialKey ? serialConditions(quoteName(source.serialKey), range) : []),
  ];
  return ` FROM ${viewOf(source.object, source.deleteFlag)}${where(conditions)}`;
}

/** The view to read. Both show the highest variation of each key; the plain one hides deleted rows. */
export function viewOf(object: string, withDeleted: boolean): string {
  const plain = quoteName(object);
  return withDeleted ? `infor.includedeleted(${quoteText(object)})` : plain;
}

/** The WHERE clause of a filter and further conditions; empty if there are none. */
export function scopeConditions(filter: QueryFilter, more: readonly string[] = []): string {
  return where([...filterConditions(filter), ...more]);
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
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
  if (range.serialBefore !== undefined) {
    bounds.push(`${serial} < ${integerLiteral(range.serialBefore)}`);
  }
  if (bounds.length === 0 || !range.withNullSerial) return bounds;
  return [`((${bounds.join(' AND ')}) OR ${serial} IS NULL)`];
}
