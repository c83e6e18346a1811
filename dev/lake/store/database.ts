import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { literal } from './sql-text.js';

/** One lake's engine: DuckDB in memory, which can reach no file but those of the spool folder. */
export interface Database {
  /** A connection of its own, for a query that may be interrupted. */
  connect(): Promise<DuckDBConnection>;
  /** Runs writes one after another, each in a transaction. */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Waits for the last write. */
  close(): Promise<void>;
}

/**
 * Opens an empty lake. After this no SQL can open a file outside `spoolFolder`, load an
 * extension or change a setting. The catalogue `fabric` compresses what it holds: 1,000,000
 * WMS rows are mostly repeated codes and NULLs.
 */
export async function openDatabase(spoolFolder: string, threads: 1 | 2): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: '8GB',
  });
  const writer = await instance.connect();
  const setUp = [
    "ATTACH ':memory:' AS fabric (COMPRESS)",
    ...['variations', 'live', 'includedeleted', 'allvariations', 'catalogue'].map(
      (schema) => `CREATE SCHEMA fabric.${schema}`,
    ),
    // A macro rather than the bare column, so that the column that comes out of
    // `SELECT infor.lastmodified()` is told from the hidden one in `SELECT *`.
    'CREATE SCHEMA infor',
    'CREATE MACRO infor.lastmodified(indexed) AS indexed',
    "SET GLOBAL TimeZone = 'UTC'",
    'SET GLOBAL errors_as_json = true',
    `SET temp_directory = ${literal(spoolFolder)}`,
    `SET allowed_directories = [${literal(`${spoolFolder}/`)}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
  for (const statement of setUp) await writer.run(statement);

  let last: Promise<unknown> = Promise.resolve();
  return {
    connect: () => instance.connect(),
    write(work) {
      const result = last.then(() => inTransaction(writer, work));
      last = result.catch(() => undefined);
      return result;
    },
    async close() {
      await last;
      writer.closeSync();
      instance.closeSync();
    },
  };
}

async function inTransaction<T>(
  connection: DuckDBConnection,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  await connection.run('BEGIN');
  try {
    const result = await work(connection);
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    await connection.run('ROLLBACK');
    throw error;
  }
}
