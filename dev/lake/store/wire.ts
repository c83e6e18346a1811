import { DuckDBTypeId } from '@duckdb/node-api';
import { LAST_MODIFIED } from './objects.js';
import { identifier, literal } from './sql-text.js';

/** A column of a query's result, as the engine describes it. */
export interface ResultColumn {
  readonly name: string;
  readonly typeId: DuckDBTypeId;
}

/** A column as the status of an ended job names it. */
export interface WireColumn {
  readonly name: string;
  readonly datatype: string;
}

const INTEGER_TYPES = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
]);

/** The columns that a client sees: all but the hidden one, under the names that it sees. */
export function wireColumns(columns: readonly ResultColumn[]): WireColumn[] {
  return columns
    .filter((column) => !column.name.startsWith(LAST_MODIFIED))
    .map((column) => ({ name: shownName(column.name), datatype: datatypeOf(column.typeId) }));
}

/**
 * The SELECT whose only column is one row's JSON object and a comma. The engine makes the
 * text because doing it by the row in JavaScript is several times slower.
 */
export function wireSelect(
  sql: string,
  columns: readonly ResultColumn[],
  wire: 'text' | 'typed',
): string {
  const members = columns.flatMap(({ name, typeId }, place) => {
    if (name.startsWith(LAST_MODIFIED)) return [];
    return jsonMember(`${JSON.stringify(shownName(name))}:`, `c${place}`, typeId, wire);
  });
  const names = columns.map((_, place) => identifier(`c${place}`));
  const object =
    members.length === 0 ? "'{},'" : `'{' || concat_ws(',', ${members.join(', ')}) || '},'`;
  return `SELECT ${object} FROM (${sql}\n) AS result(${names.join(', ')})`;
}

/**
 * NULL || text is NULL and concat_ws leaves NULLs out, as the lake leaves out NULL columns.
 * Text that stands side by side is one literal: for a table of a hundred columns the engine
 * spends most of a small query's time on the expression.
 */
function jsonMember(
  key: string,
  column: string,
  typeId: DuckDBTypeId,
  wire: 'text' | 'typed',
): string {
  const bare = (text: string) => `${literal(key)} || ${text}`;
  const quoted = (text: string) => `${literal(`${key}"`)} || ${text} || '"'`;
  const scalar = wire === 'typed' ? bare : quoted;
  if (INTEGER_TYPES.has(typeId)) return scalar(column);
  switch (typeId) {
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return scalar(column);
    case DuckDBTypeId.DECIMAL:
      return wire === 'typed' ? bare(column) : quoted(`CAST(${column} AS DECIMAL(38,15))`);
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return quoted(`strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ')`);
    default:
      return bare(`to_json(CAST(${column} AS VARCHAR))`);
  }
}

function datatypeOf(typeId: DuckDBTypeId): string {
  if (INTEGER_TYPES.has(typeId)) return 'Integer';
  switch (typeId) {
    case DuckDBTypeId.BOOLEAN:
      return 'Boolean';
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return 'Double';
    case DuckDBTypeId.DECIMAL:
      return 'Decimal';
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'Timestamp';
    default:
      return 'String';
  }
}

/** `infor.lastmodified()` without an alias comes out of the engine under the hidden column's name. */
function shownName(name: string): string {
  return name.replace(
    new RegExp(`infor\\.lastmodified\\([^()]*${LAST_MODIFIED}"?\\)`),
    'infor.lastmodified()',
  );
}
