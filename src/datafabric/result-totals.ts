import { UNPARSABLE_COLUMN } from '../tables/lake-columns.js';
import { isUnparsable, type Row } from './rows.js';

/** Columns in which every row carries the totals of the result that it is part of. */
export const TOTAL_COLUMNS = { rows: 'LAKE_ROWS', keySum: 'LAKE_KEY_SUM' } as const;

/** What a result says of itself, or what was received of it. */
export interface ResultTotals {
  readonly rows: number;
  /** Sum of the integer SERIALKEYs, as decimal text; undefined where the lake states none. */
  readonly keySum?: string;
}

/** Rows without their total columns, and what those said. */
export interface TotaledRows {
  readonly rows: readonly Row[];
  /** Undefined where the rows state no totals; there is no first row to do so on an empty page. */
  readonly stated?: ResultTotals;
  /** Rows of one result that state different totals: the page is not one result's. */
  readonly contradictory: boolean;
  /** Sum of these rows' integer SERIALKEYs. */
  readonly keySum: bigint;
  /**
   * SERIALKEYs that are neither missing nor integers, which the lake may have summed differently,
   * and those of rows that are no JSON.
   */
  readonly oddKeys: number;
}

/**
 * Takes the totals out of a page's rows, which are changed in place, and adds up their keys.
 * The total columns must be the last of each row for this to be cheap: a V8 object that loses
 * any other property becomes a hash table of several times the size.
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

/** Of a row that is no JSON: what tells it from others must be the same in the next result. */
function cutTotals(row: Record<string, unknown>): void {
  row[UNPARSABLE_COLUMN] = String(row[UNPARSABLE_COLUMN]).replace(TOTALS, '');
}

/** What nearly every key looks like: so many of them add up exactly in a double. */
const USUAL_KEY = /^\d{1,12}$/;
const FULL = 2 ** 52;

/** Adds up keys: the usual ones in a double, which is several times as fast, all others exactly. */
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

/** Whether two statements about one result, or what it states and what came, are the same. */
export function sameTotals(a: ResultTotals, b: ResultTotals): boolean {
  return a.rows === b.rows && a.keySum === b.keySum;
}

/** An integer, also where it comes with zero decimals; undefined for anything else. */
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
 * How this row spells a column: nearly always like its page.
 * @param expected nothing is looked for where the page does not have it either
 */
function nameIn(row: Row, name: string, expected: unknown = name): string {
  if (name in row || expected === undefined) return name;
  const column = name.toUpperCase();
  return Object.keys(row).find((other) => other.toUpperCase() === column) ?? name;
}

/** As the lake spells them: it may do so in any case. NULL columns are left out of a row. */
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
