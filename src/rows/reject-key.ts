import type { RowKey } from '../datafabric/query-builder.js';
import { integerLiteral, quoteText } from '../datafabric/sql.js';
import type { TableDefinition } from '../tables/table.js';
import type { LakeRow } from './decoder.js';
import { exactNumber } from './number.js';

const BY_SERIAL_KEY = ['WHSEID', 'SERIALKEY'];

/**
 * The columns by which the lake can find a rejected row: the business key, or WHSEID and SERIALKEY
 * if a part of the key is missing or can't be expressed in a statement.
 * @returns undefined if neither can
 */
export function rejectKey(table: TableDefinition, raw: LakeRow): RowKey | undefined {
  const value = columnReader(raw);
  const whseid = value('WHSEID');
  const key = table.key.map((column) => [column, value(column)] as const);
  if (whseid !== null && [whseid, ...key.map(([, part]) => part)].every(isQuotable)) {
    return { WHSEID: whseid, ...Object.fromEntries(key) };
  }
  const serialKey = value('SERIALKEY');
  if (serialKey === null || !passes(() => integerLiteral(serialKey))) return undefined;
  if (whseid !== null && !isQuotable(whseid)) return undefined;
  return { WHSEID: whseid, SERIALKEY: serialKey };
}

/** Returns a test of whether a key of `rejectKey` belongs to one of the rows. */
export function keyFinder(
  table: TableDefinition,
  rows: readonly LakeRow[],
): (key: RowKey) => boolean {
  const shapes = [['WHSEID', ...table.key], BY_SERIAL_KEY];
  const known = new Set(rows.flatMap((row) => shapes.map((columns) => textOf(row, columns))));
  return (key) => known.has(textOf(key, Object.keys(key)));
}

/**
 * Whether a delete belongs to another row that had the rejected row's key earlier: then the
 * rejected row is still missing. False if one of them has no SERIALKEY.
 * @param raw the rejected row, JSON
 * @param deletedKey the SERIALKEY of the deleted row; undefined: it is no delete
 */
export function isDeleteOfAnother(raw: string, deletedKey: unknown): boolean {
  if (deletedKey === undefined || deletedKey === null) return false;
  const rejectedKey = exactNumber(columnReader(JSON.parse(raw) as LakeRow)('SERIALKEY') ?? '');
  return typeof rejectedKey !== 'string' && String(rejectedKey) !== String(deletedKey);
}

function textOf(row: LakeRow, columns: readonly string[]): string {
  const value = columnReader(row);
  return JSON.stringify(columns.map((column) => [column, value(column)]));
}

/** Values by column name in capitals: the lake may spell names in any way. */
function columnReader(row: LakeRow): (column: string) => string | null {
  const byName = new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
  return (column) => {
    const value = byName.get(column) ?? null;
    return value === null ? null : String(value);
  };
}

function isQuotable(value: string | null): boolean {
  return value !== null && passes(() => quoteText(value));
}

function passes(write: () => string): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
  }
}
