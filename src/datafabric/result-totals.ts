import type { Row } from './rows.js';

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
  /** SERIALKEYs that are neither missing nor integers: the lake may have summed them differently. */
  readonly oddKeys: number;
}

/**
 * Takes the totals out of a page's rows, which are changed in place, and adds up their keys.
 * The total columns must be the last of each row for this to be cheap: a V8 object that loses
 * any other property becomes a hash table of several times the size.
 */
export function takeTotals(page: readonly Row[]): TotaledRows {
  const names = columnNames(page);
  let stated: ResultTotals | undefined;
  let text: string | undefined;
  let contradictory = false;
  let keySum = 0n;
  let oddKeys = 0;
  for (const row of page as Record<string, unknown>[]) {
    const key = names.serialKey === undefined ? undefined : row[names.serialKey];
    if (key !== undefined && key !== null) {
      const integer = integerOf(key);
      if (integer === undefined) oddKeys++;
      else keySum += integer;
    }
    const said = `${row[names.rows]}|${row[names.keySum]}`;
    if (text === undefined) stated = totalsOf(row[names.rows], row[names.keySum]);
    contradictory ||= text !== undefined && said !== text;
    text = said;
    if (names.keySum in row) delete row[names.keySum];
    if (names.rows in row) delete row[names.rows];
  }
  return { rows: page, ...(stated && { stated }), contradictory, keySum, oddKeys };
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
