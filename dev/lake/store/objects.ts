import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType, LakeColumn, LakeObject } from '../types.js';
import { identifier, literal } from './sql-text.js';

/** When the record was indexed. The only hidden column that the views have; never shown. */
export const LAST_MODIFIED = '__lake_lastmodified';
/** Hidden columns of the tables: the order of all variations, and three marks. */
export const SEQUENCE = '__lake_sequence';
export const DELETED = '__lake_deleted';
export const HIGHEST = '__lake_highest';
/** All variations of a record have the same: whether no query sees it. */
export const HIDDEN = '__lake_hidden';

const SQL_TYPES = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DECIMAL(22,5)',
  timestamp: 'TIMESTAMP',
  boolean: 'BOOLEAN',
} as const satisfies Record<ColumnType, string>;

export function sqlTypeOf(column: LakeColumn): string {
  return SQL_TYPES[column.type];
}

/** The objects of one lake by name, in any case. */
export class ObjectRegistry {
  readonly #objects = new Map<string, LakeObject>();

  find(name: string): LakeObject | undefined {
    return this.#objects.get(name.toLowerCase());
  }

  /** @throws Error for an unknown name. */
  get(name: string): LakeObject {
    const object = this.find(name);
    if (object === undefined) throw new Error(`The lake has no object ${name}.`);
    return object;
  }

  set(object: LakeObject): void {
    this.#objects.set(object.name.toLowerCase(), object);
  }

  names(): string[] {
    return [...this.#objects.values()].map((object) => object.name);
  }
}

/** The column of that name, in any case. @throws Error where the object has none. */
export function columnOf(object: LakeObject, name: string): LakeColumn {
  const column = object.columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) throw new Error(`${object.name} has no column ${name}.`);
  return column;
}

/** The table that holds all variations of an object's records. */
export function tableOf(object: LakeObject): string {
  return `fabric.variations.${identifier(object.name)}`;
}

/** Makes table and views of an object; replaces those of an earlier one of the same name. */
export async function createObject(connection: DuckDBConnection, object: LakeObject) {
  for (const name of object.identity) columnOf(object, name);
  if (object.deleteFlag) columnOf(object, object.deleteFlag.column);
  const columns = object.columns.map((column) => `${identifier(column.name)} ${sqlTypeOf(column)}`);
  await connection.run(
    `CREATE OR REPLACE TABLE ${tableOf(object)} (${LAST_MODIFIED} TIMESTAMP, ${SEQUENCE} BIGINT,
       ${DELETED} BOOLEAN, ${HIGHEST} BOOLEAN, ${HIDDEN} BOOLEAN, ${columns.join(', ')})`,
  );
  await createViews(connection, object);
}

/** Adds a column to an object: NULL in all variations so far. Returns the object as it is then. */
export async function addColumn(
  connection: DuckDBConnection,
  object: LakeObject,
  column: LakeColumn,
): Promise<LakeObject> {
  await connection.run(
    `ALTER TABLE ${tableOf(object)} ADD COLUMN ${identifier(column.name)} ${sqlTypeOf(column)}`,
  );
  const wider = { ...object, columns: [...object.columns, column] };
  await createViews(connection, wider);
  return wider;
}

/** What `FROM "obj"`, `infor.includedeleted` and `infor.allvariations` read: never a hidden record. */
async function createViews(connection: DuckDBConnection, object: LakeObject): Promise<void> {
  const columns = object.columns.map((column) => identifier(column.name)).join(', ');
  const conditions = {
    live: `${HIGHEST} AND NOT ${DELETED}`,
    includedeleted: HIGHEST,
    allvariations: 'true',
  };
  const views = Object.entries(conditions).map(
    ([schema, condition]) =>
      `CREATE OR REPLACE VIEW fabric.${schema}.${identifier(object.name)} AS
       SELECT ${columns}, ${LAST_MODIFIED} FROM ${tableOf(object)}
       WHERE NOT ${HIDDEN} AND ${condition}`,
  );
  await connection.run(views.join(';'));
}

/** Renews what `information_schema.tables` shows. */
export async function createCatalogue(
  connection: DuckDBConnection,
  tenant: string,
  names: readonly string[],
): Promise<void> {
  const rows = names.map((name) => `(${literal(tenant)}, 'default', ${literal(name)}, 'TABLE')`);
  await connection.run(
    `CREATE OR REPLACE VIEW fabric.catalogue."tables" AS
     SELECT * FROM (VALUES ${rows.join(', ')})
       AS t(table_catalog, table_schema, table_name, table_type)`,
  );
}
