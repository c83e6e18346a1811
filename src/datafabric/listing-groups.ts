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
  readonly rows: number;
  /** Number of rows that have a SERIALKEY; undefined: not stated. */
  readonly serials: number | undefined;
  /** Sum of the SERIALKEYs, a number if that is exact; undefined: not stated. */
  readonly serialSum: number | bigint | undefined;
}

/** The totals that each row of a listing states. */
export interface ListingTotals {
  readonly groups: number;
  readonly rows: bigint;
}

export interface ListedGroup {
  readonly group: LakeGroup;
  /** The same object as long as the rows state the same totals. */
  readonly totals: ListingTotals;
}

const NAMES = {
  whseid: 'WHSEID',
  modified: MODIFIED_COLUMN,
  ...GROUP_COLUMNS,
  groups: TOTAL_COLUMNS.rows,
  all: TOTAL_COLUMNS.keySum,
} as const;

/** Integers of up to 15 digits are exact in a double. */
const USUAL_INTEGER = /^\d{1,15}$/;

/**
 * Reads the rows of grouped listings, in any letter case of their columns. A listing may have as
 * many groups as the table has rows: what they have in common is kept from one row to the next.
 */
export class GroupReader {
  /** The spellings of the previous row. */
  #names: Record<keyof typeof NAMES, string> = { ...NAMES };
  #stated: { groups: unknown; all: unknown; totals: ListingTotals } | undefined;

  /** @returns undefined if the row is not one of a listing */
  read(row: Row): ListedGroup | undefined {
    const rows = integer(this.#value(row, 'rows'));
    const totals = this.#totals(row);
    if (typeof rows !== 'number' || rows < 1 || !totals) return undefined;
    const serials = integer(this.#value(row, 'serials'));
    return {
      group: {
        whseid: text(this.#value(row, 'whseid')),
        modified: text(this.#value(row, 'modified')),
        rows,
        serials: typeof serials === 'number' ? serials : undefined,
        serialSum: integer(this.#value(row, 'serialSum')),
      },
      totals,
    };
  }

  #totals(row: Row): ListingTotals | undefined {
    const [groups, all] = [this.#value(row, 'groups'), this.#value(row, 'all')];
    const known = this.#stated;
    if (known && known.groups === groups && known.all === all) return known.totals;
    const [count, sum] = [integerOf(groups ?? ''), integerOf(all ?? '')];
    if (count === undefined || sum === undefined) return undefined;
    const totals = { groups: Number(count), rows: sum };
    this.#stated = { groups, all, totals };
    return totals;
  }

  #value(row: Row, column: keyof typeof NAMES): unknown {
    const value = row[this.#names[column]];
    if (value !== undefined) return value;
    // NULL columns are left out of a row, or the lake spells this one's differently.
    const name = Object.keys(row).find((other) => other.toUpperCase() === NAMES[column]);
    if (name === undefined) return undefined;
    this.#names[column] = name;
    return row[name];
  }
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

/** A number if that is exact, else a bigint; undefined if the value is not an integer. */
function integer(value: unknown): number | bigint | undefined {
  if (typeof value === 'string' && USUAL_INTEGER.test(value)) return Number(value);
  const integer = integerOf(value ?? '');
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
