import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeObject } from '../types.js';
import { identityList, sameRecord } from './identity.js';
import { HIDDEN, HIGHEST, SEQUENCE, tableOf } from './objects.js';

/**
 * Hides records from every query, or shows them again.
 * @param condition SQL that a record's highest variation meets, deleted or not.
 * @returns how many records changed.
 */
export async function setHidden(
  connection: DuckDBConnection,
  object: LakeObject,
  condition: string,
  hidden: boolean,
): Promise<number> {
  const table = tableOf(object);
  const met = `FROM ${table} WHERE ${HIGHEST} AND ${HIDDEN} = ${!hidden} AND (${condition})`;
  const counted = await connection.runAndReadAll(`SELECT count(*)::INTEGER ${met}`);
  await connection.run(
    `UPDATE ${table} AS older SET ${HIDDEN} = ${hidden}
     FROM (SELECT ${identityList(object)} ${met}) AS newer WHERE ${sameRecord(object)}`,
  );
  return Number(counted.getRows()[0]?.[0] ?? 0);
}

/** Hides those of the variations from the sequence number `first` on whose record is hidden. */
export async function keepHidden(
  connection: DuckDBConnection,
  object: LakeObject,
  first: number,
): Promise<void> {
  const table = tableOf(object);
  await connection.run(
    `UPDATE ${table} AS newer SET ${HIDDEN} = true
     FROM (SELECT ${identityList(object)} FROM ${table} WHERE ${HIDDEN} AND ${HIGHEST}) AS older
     WHERE newer.${SEQUENCE} >= ${first} AND ${sameRecord(object)}`,
  );
}
