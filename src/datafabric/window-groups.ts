import { GROUP_COLUMNS } from './listing-query.js';
import { COUNT_COLUMNS } from './query-builder.js';
import { integerOf } from './result-totals.js';
import type { Row } from './rows.js';
import { WINDOW_COLUMNS } from './window-query.js';

/** Rows of one warehouse with one index time. */
export interface WindowGroup {
  /** As the lake writes it; null: the rows have none. */
  readonly whseid: string | null;
  /** As the lake writes it. */
  readonly modified: string;
  readonly rows: bigint;
  /** Sum, smallest and largest of their SERIALKEYs. */
  readonly serialSum: bigint;
  readonly minSerial: bigint;
  readonly maxSerial: bigint;
}

/** Number of rows in the result of a count that lists groups. */
export function windowRows(first: Row | undefined): number {
  const byName = upperNames(first);
  const isListed = integerOf(byName.get(WINDOW_COLUMNS.listed) ?? '') === 1n;
  const groups = integerOf(byName.get(WINDOW_COLUMNS.groups) ?? '') ?? 0n;
  return isListed ? Math.max(1, Number(groups)) : 1;
}

/**
 * The groups that a count lists.
 * @param result all rows of its result
 * @returns undefined if groups are not listed, don't add up to the totals that each row states, or
 *   have rows without an integer SERIALKEY, which a sum can't identify
 */
export function windowGroups(result: readonly Row[]): readonly WindowGroup[] | undefined {
  const byName = result.map((row) => upperNames(row));
  const [totals, ...others] = byName.map(totalsOf);
  if (!totals || !others.every((other) => isSame(totals, other))) return undefined;
  const groups = byName.map(groupOf);
  if (!groups.every((group) => group !== undefined)) return undefined;
  const rows = groups.reduce((sum, group) => sum + group.rows, 0n);
  return isSame(totals, { groups: BigInt(groups.length), rows }) ? groups : undefined;
}

type ByName = ReadonlyMap<string, unknown>;

interface Totals {
  readonly groups: bigint | undefined;
  readonly rows: bigint | undefined;
}

function isSame(a: Totals, b: Totals): boolean {
  return a.groups === b.groups && a.rows === b.rows;
}

function totalsOf(row: ByName): Totals {
  return {
    groups: integerOf(row.get(WINDOW_COLUMNS.groups) ?? ''),
    rows: integerOf(row.get(COUNT_COLUMNS.rows) ?? ''),
  };
}

function groupOf(row: ByName): WindowGroup | undefined {
  const integer = (name: string) => integerOf(row.get(name) ?? '');
  const [rows, serials, serialSum, minSerial, maxSerial] = [
    integer(GROUP_COLUMNS.rows),
    integer(GROUP_COLUMNS.serials),
    integer(GROUP_COLUMNS.serialSum),
    integer(WINDOW_COLUMNS.minSerial),
    integer(WINDOW_COLUMNS.maxSerial),
  ];
  const modified = row.get(WINDOW_COLUMNS.modified);
  const whseid = row.get('WHSEID') ?? null;
  if (typeof modified !== 'string' || (whseid !== null && typeof whseid !== 'string')) {
    return undefined;
  }
  if (rows === undefined || rows < 1n || rows !== serials) return undefined;
  if (serialSum === undefined || minSerial === undefined || maxSerial === undefined) {
    return undefined;
  }
  return { whseid, modified, rows, serialSum, minSerial, maxSerial };
}

function upperNames(row: Row = {}): ByName {
  return new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
}
