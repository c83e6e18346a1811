import type { DuckDBConnection } from '@duckdb/node-api';
import { SqlRefusal } from '../sql/refusal.js';
import { rewriteSql } from '../sql/rewrite.js';
import type { ObjectRegistry } from '../store/objects.js';
import { Spool } from '../store/spool.js';
import { type ResultColumn, type WireColumn, wireColumns, wireSelect } from '../store/wire.js';
import type { LakeObject } from '../types.js';
import { type QueryFailure, toQueryFailure } from './query-failure.js';

export type QueryOutcome =
  | { readonly columns: readonly WireColumn[]; readonly spool: Spool }
  | { readonly failure: QueryFailure };

/** Runs a client's SQL to its end: the frozen result in a file, or the reason why there is none. */
export async function runQuery(
  connection: DuckDBConnection,
  registry: ObjectRegistry,
  sql: string,
  options: { path: string; shuffled: boolean; refuseTotals: boolean },
): Promise<QueryOutcome> {
  let rewritten: ReturnType<typeof rewriteSql> | undefined;
  try {
    rewritten = rewriteSql(sql, registry, options);
    const columns = await describe(connection, rewritten.text);
    const select = wireSelect(rewritten.text, columns, wireOf(rewritten.objects));
    const order = options.shuffled && !rewritten.ordered ? ' ORDER BY random()' : '';
    const spool = await Spool.write(connection, select + order, options.path);
    return { columns: wireColumns(columns), spool };
  } catch (error) {
    return { failure: toQueryFailure(error, sql, rewritten) };
  }
}

async function describe(connection: DuckDBConnection, sql: string): Promise<ResultColumn[]> {
  const statement = await connection.prepare(sql);
  try {
    if (statement.parameterCount > 0) {
      throw new SqlRefusal('A query takes no parameters.', undefined);
    }
    return Array.from({ length: statement.columnCount }, (_, at) => ({
      name: statement.columnName(at),
      typeId: statement.columnTypeId(at),
    }));
  } finally {
    statement.destroySync();
  }
}

function wireOf(objects: readonly LakeObject[]): 'text' | 'typed' {
  return objects.length > 0 && objects.every((one) => one.wire === 'typed') ? 'typed' : 'text';
}
