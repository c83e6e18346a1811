import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeObject, ReadOptions, Row, Variation, WireRow } from '../types.js';
import { DELETED, HIGHEST, LAST_MODIFIED, SEQUENCE, tableOf } from './objects.js';
import { identifier } from './sql-text.js';
import { condition } from './variations.js';
import { wireSelect } from './wire.js';

/** The highest variations in wire form, in the order in which they were added. */
export async function readRows(
  connection: DuckDBConnection,
  object: LakeObject,
  { includeDeleted = false, where = 'true' }: ReadOptions,
): Promise<WireRow[]> {
  const live = includeDeleted ? 'true' : `NOT ${DELETED}`;
  return readWire<WireRow>(
    connection,
    `SELECT ${columnsOf(object)} FROM ${tableOf(object)}
     WHERE ${HIGHEST} AND ${live} AND (${condition(object, where)}) ORDER BY ${SEQUENCE}`,
  );
}

/** All variations in the order in which they were added. */
export async function readVariations(
  connection: DuckDBConnection,
  object: LakeObject,
  where: Row | string = 'true',
): Promise<Variation[]> {
  const rows = await readWire<WireRow>(
    connection,
    `SELECT ${columnsOf(object)}, ${LAST_MODIFIED} AS "$lastModified", ${DELETED} AS "$deleted",
       ${HIGHEST} AS "$highest"
     FROM ${tableOf(object)} WHERE ${condition(object, where)} ORDER BY ${SEQUENCE}`,
  );
  return rows.map(({ $lastModified = '', $deleted, $highest, ...values }) => ({
    values,
    lastModified: $lastModified,
    deleted: $deleted === 'true',
    highest: $highest === 'true',
  }));
}

function columnsOf(object: LakeObject): string {
  return object.columns.map((column) => identifier(column.name)).join(', ');
}

async function readWire<T>(connection: DuckDBConnection, sql: string): Promise<T[]> {
  const statement = await connection.prepare(sql);
  const columns = Array.from({ length: statement.columnCount }, (_, at) => ({
    name: statement.columnName(at),
    typeId: statement.columnTypeId(at),
  }));
  statement.destroySync();
  const lines = await connection.runAndReadAll(wireSelect(sql, columns, 'text'));
  const text = lines
    .getRows()
    .map(([line]) => String(line))
    .join('');
  return JSON.parse(`[${text.slice(0, -1)}]`);
}
