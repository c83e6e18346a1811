import { UNPARSABLE_COLUMN } from '../tables/lake-columns.js';
import { isUnparsable, type Row } from './rows.js';

/** Columns in which every row carries the totals of the result that it is part of. */
export const TOTAL_COLUMNS = { rows: 'LAKE_ROWS', keySum: 'LAKE_KEY_SUM' } as const;

/** The totals that a result states, or those of the rows read. */
export interface ResultTotals {
  readonly rows: number;
  /** Sum of the integer SERIALKEYs, as decimal text; undefined if the lake states none. */
  readonly keySum?: string;
}

/** Rows without their total columns, and the totals that these stated. */
export interface TotaledRows {
  readonly rows: readonly Row[];
  /** Undefined if the rows state no totals, or there is no row. */
  readonly stated?: ResultTotals;
  /** The rows state different totals, so they are not of one result. */
  readonly contradictory: boolean;
  /** Sum of these rows' integer SERIALKEYs. */
  readonly keySum: bigint;
  /**
   * Number of SERIALKEYs that are neither missing nor integers, which the lake may have summed
   * differently, and of rows that are not JSON.
   */
  readonly oddKeys: number;
}

/**
 * Removes the totals from a page's rows, which are changed in place, and adds up their keys. This is
 * cheap only if the total columns are the last of each row: an object that loses any other property
 * becomes a hash table of several times the size (V8).
 */
export function takeTotals(page: readonly Row[]): TotaledRows {
  const unparsable = page.filter(isUnparsable);
  unparsable.forEach(cutTotals);
  const rows = unparsable.length > 0 ? page.filter((row) => !isUnparsable(row)) : page;
  const names = columnNames(rows);
  const [first = {}] = rows;
  const [firstRows, firstSum] = [first[names.rows], first[names.keySum]];
  const stated = totalsOf(firstRows, firstSum);
  const keys = new KeySum();
  let contradictory = false;
  for (const row of rows as Record<string, unknown>[]) {
    if (names.serialKey !== undefined) keys.add(row[nameIn(row, names.serialKey)]);
    const [ofRows, ofSum] = [
      nameIn(row, names.rows, firstRows),
      nameIn(row, names.keySum, firstSum),
    ];
    if (row[ofRows] !== firstRows || row[ofSum] !== firstSum) contradictory = true;
    delete row[ofSum];
    delete row[ofRows];
  }
  const { sum: keySum, odd } = keys;
  const oddKeys = odd + unparsable.length;
  return { rows: page, ...(stated && { stated }), contradictory, keySum, oddKeys };
}

const TOTALS = new RegExp(
  `,?\\s*"(?:${Object.values(TOTAL_COLUMNS).join('|')})"\\s*:\\s*(?:"[^"]*"|[^,"}]*)`,
  'gi',
);

/** Removes the totals from the text of a row that is not JSON, so that it is the same in any result. */
function cutTotals(row: Record<string, unknown>): void {
  row[UNPARSABLE_COLUMN] = String(row[UNPARSABLE_COLUMN]).replace(TOTALS, '');
}

/** The form of nearly every key; sums of such keys up to FULL are exact in a double. */
const USUAL_KEY = /^\d{1,12}$/;
const FULL = 2 ** 52;

/** Adds up keys exactly: the usual ones in a double, which is several times as fast, others as bigint. */
class KeySum {
  odd = 0;
  #exact = 0n;
  #usual = 0;

  add(key: unknown): void {
    if (key === undefined || key === null) return;
    if (typeof key === 'string' && USUAL_KEY.test(key)) {
      this.#usual += Number(key);
      if (this.#usual > FULL) this.#flush();
      return;
    }
    const integer = integerOf(key);
    if (integer === undefined) this.odd++;
    else this.#exact += integer;
  }

  get sum(): bigint {
    this.#flush();
    return this.#exact;
  }

  #flush(): void {
    this.#exact += BigInt(this.#usual);
    this.#usual = 0;
  }
}

/** Whether two totals are equal: two stated ones, or a stated one and that of the rows read. */
export function sameTotals(a: ResultTotals, b: ResultTotals): boolean {
  return a.rows === b.rows && a.keySum === b.keySum;
}

/** An integer, even if written with zero decimals (`2.000`); undefined for anything else. */
export function integerOf(value: unknown): bigint | undefined {
  const integer = /^\s*([+-]?\d+)(?:\.0*)?\s*$/.exec(String(value))?.[1];
  return integer === undefined ? undefined : BigInt(integer);
}

function totalsOf(rows: unknown, keySum: unknown): ResultTotals | undefined {
  const count = integerOf(rows ?? '');
  if (count === undefined || count < 0n || count > BigInt(Number.MAX_SAFE_INTEGER))
    return undefined;
  const sum = integerOf(keySum ?? '');
  return { rows: Number(count), ...(sum !== undefined && { keySum: String(sum) }) };
}

/**
 * How this row spells a column: nearly always like the page's first row.
 * @param expected undefined: the first row does not have it, so nothing is searched
 */
function nameIn(row: Row, name: string, expected: unknown = name): string {
  if (name in row || expected === undefined) return name;
  const column = name.toUpperCase();
  return Object.keys(row).find((other) => other.toUpperCase() === column) ?? name;
}

/** The page's spelling of these columns, in any letter case. NULL columns are absent from a row. */
function columnNames(page: readonly Row[]) {
  const [first = {}] = page;
  const find = (column: string) => Object.keys(first).find((name) => name.toUpperCase() === column);
  return {
    rows: find(TOTAL_COLUMNS.rows) ?? TOTAL_COLUMNS.rows,
    keySum: find(TOTAL_COLUMNS.keySum) ?? TOTAL_COLUMNS.keySum,
    serialKey:
      find('SERIALKEY') ??
      page.flatMap(Object.keys).find((name) => name.toUpperCase() === 'SERIALKEY'),
  };
}
