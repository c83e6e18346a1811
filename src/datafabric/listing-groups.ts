import { MODIFIED_COLUMN } from '../tables/lake-columns.js';
import { GROUP_COLUMNS } from './listing-query.js';
import { integerOf, TOTAL_COLUMNS } from './result-totals.js';
import type { Row } from './rows.js';

/** Live rows of one warehouse with one index time, as the lake lists them. */
export interface LakeGroup {
  /** As the lake writes it; undefined: the rows have none. */
  readonly whseid: string | undefined;
  /** As the lake writes it; undefined: the rows have none. */
  readonly modified: string | undefined;
  readonly rows: bigint;
  /** Of the rows that have a SERIALKEY: how many, and their sum; undefined: not stated. */
  readonly serials: bigint | undefined;
  readonly serialSum: bigint | undefined;
}

/** What a listing states of itself. */
export interface ListingTotals {
  readonly groups: number;
  readonly rows: bigint;
}

export interface ListedGroup {
  readonly group: LakeGroup;
  readonly totals: ListingTotals;
}

/**
 * One row of a grouped listing, in whatever case the lake spells its columns.
 * @returns undefined where it does not say what a listing says: then nothing can be made of it
 */
export function readListedGroup(row: Row): ListedGroup | undefined {
  const byName = new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
  const integer = (name: string) => integerOf(byName.get(name) ?? '');
  const text = (name: string) => {
    const value = byName.get(name);
    return value === undefined || value === null ? undefined : String(value);
  };
  const [rows, groups, all] = [
    integer(GROUP_COLUMNS.rows),
    integer(TOTAL_COLUMNS.rows),
    integer(TOTAL_COLUMNS.keySum),
  ];
  if (rows === undefined || rows < 1n || groups === undefined || all === undefined)
    return undefined;
  return {
    group: {
      whseid: text('WHSEID'),
      modified: text(MODIFIED_COLUMN),
      rows,
      serials: integer(GROUP_COLUMNS.serials),
      serialSum: integer(GROUP_COLUMNS.serialSum),
    },
    totals: { groups: Number(groups), rows: all },
  };
}
