import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeObject, Row, Value } from '../types.js';
import { keepHidden } from './hidden.js';
import { identityList, identityOf, sameRecord } from './identity.js';
import { columnOf, DELETED, HIDDEN, HIGHEST, SEQUENCE, sqlTypeOf, tableOf } from './objects.js';
import { identifier, literal } from './sql-text.js';

/** What happens to the records that `where` meets; `revive` looks at deleted ones, else live ones. */
export interface Change {
  readonly kind: 'edit' | 'delete' | 'revive';
  readonly where: Row | string;
  readonly changes: Row;
  /** Of a deleted record only the identity is kept. */
  readonly keysOnly?: boolean;
  /** When the new variations were indexed: ISO 8601, with microseconds if need be. */
  readonly at: string;
}

/**
 * Adds a variation a row. Where the record exists, the new one is its highest; of two rows
 * of one record the later one is.
 */
export async function insertVariations(
  connection: DuckDBConnection,
  object: LakeObject,
  rows: readonly Row[],
  at: string,
): Promise<number> {
  if (rows.length === 0) return 0;
  const first = await nextSequence(connection, object);
  const json = JSON.stringify(
    rows.map((row) => toColumns(object, { ...flagOf(object, 'live'), ...row })),
  );
  const shape = Object.fromEntries(object.columns.map((column) => [column.name, 'VARCHAR']));
  const casts = object.columns.map(
    (column) => `CAST(given.${identifier(column.name)} AS ${sqlTypeOf(column)})`,
  );
  await connection.run(
    `INSERT INTO ${tableOf(object)}
     SELECT ${timestamp(at)}, ${first} + place - 1, false, true, false, ${casts.join(', ')}
     FROM (SELECT unnest(given) AS given, unnest(range(1, len(given) + 1)) AS place
           FROM (SELECT from_json($1, ${literal(JSON.stringify([shape]))}) AS given))`,
    [json],
  );
  await keepHidden(connection, object, first);
  await markHighest(connection, object, first);
  return rows.length;
}

/** Adds to each record that is met a variation that copies its highest one. Returns their number. */
export async function changeVariations(
  connection: DuckDBConnection,
  object: LakeObject,
  { kind, where, changes, keysOnly = false, at }: Change,
): Promise<number> {
  const changed = toColumns(object, {
    ...changes,
    ...flagOf(object, kind === 'delete' ? 'deleted' : 'live'),
  });
  const identity = new Set(identityOf(object));
  const touched = Object.keys(changed).find((name) => identity.has(name));
  if (touched !== undefined) {
    throw new Error(`${touched} tells the records of ${object.name} apart and can't be changed.`);
  }
  const columns = object.columns.map((column) => {
    const value = changed[column.name];
    if (value !== undefined) return `CAST(${valueText(value)} AS ${sqlTypeOf(column)})`;
    return keysOnly && !identity.has(column.name) ? 'NULL' : identifier(column.name);
  });
  const first = await nextSequence(connection, object);
  await connection.run(
    `INSERT INTO ${tableOf(object)}
     SELECT ${timestamp(at)}, ${first} - 1 + row_number() OVER (ORDER BY ${SEQUENCE}),
       ${kind === 'delete'}, true, ${HIDDEN}, ${columns.join(', ')}
     FROM ${tableOf(object)}
     WHERE ${HIGHEST} AND ${kind === 'revive' ? '' : 'NOT'} ${DELETED}
       AND (${condition(object, where)})`,
  );
  return markHighest(connection, object, first);
}

/** A condition from equalities by column, or the text itself. NULL is met by `null`. */
export function condition(object: LakeObject, where: Row | string): string {
  if (typeof where === 'string') return where;
  const equalities = Object.entries(toColumns(object, where)).map(([name, value]) => {
    const typed = `CAST(${valueText(value)} AS ${sqlTypeOf(columnOf(object, name))})`;
    return `${identifier(name)} IS NOT DISTINCT FROM ${typed}`;
  });
  return equalities.length === 0 ? 'true' : equalities.join(' AND ');
}

/** Takes the mark from what the variations from `first` on follow. Returns their number. */
async function markHighest(
  connection: DuckDBConnection,
  object: LakeObject,
  first: number,
): Promise<number> {
  const table = tableOf(object);
  await connection.run(
    `UPDATE ${table} AS older SET ${HIGHEST} = false
     FROM (SELECT ${identityList(object)}, max(${SEQUENCE}) AS sequence FROM ${table}
           WHERE ${SEQUENCE} >= ${first} GROUP BY ALL) AS newer
     WHERE ${HIGHEST} AND ${sameRecord(object)} AND older.${SEQUENCE} < newer.sequence`,
  );
  const counted = await connection.runAndReadAll(
    `SELECT count(*)::INTEGER FROM ${table} WHERE ${SEQUENCE} >= ${first}`,
  );
  return Number(counted.getRows()[0]?.[0] ?? 0);
}

async function nextSequence(connection: DuckDBConnection, object: LakeObject): Promise<number> {
  const highest = await connection.runAndReadAll(
    `SELECT coalesce(max(${SEQUENCE}), 0) + 1 FROM ${tableOf(object)}`,
  );
  return Number(highest.getRows()[0]?.[0] ?? 1);
}

function flagOf(object: LakeObject, state: 'live' | 'deleted'): Row {
  const flag = object.deleteFlag;
  if (flag === undefined) return {};
  const value = state === 'deleted' ? flag.deletedValue : flag.liveValue;
  return { [columnOf(object, flag.column).name]: value };
}

/** The row under the object's own column names. @throws Error for a column that it lacks. */
function toColumns(object: LakeObject, row: Row): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [columnOf(object, name).name, toText(value)]),
  );
}

function toText(value: Value): string | null {
  if (value === null) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}

function valueText(value: string | null): string {
  return value === null ? 'NULL' : literal(value);
}

function timestamp(at: string): string {
  return `TIMESTAMP ${literal(at)}`;
}
