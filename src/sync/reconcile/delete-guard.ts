import type { WarehouseCounts } from '../../models/reconcile.js';

/** Share of a table's live documents that may be deleted by inference in a day, in percent. */
export const DEFAULT_GUARD_PERCENT = 5;
/** The same for 30 days. */
const MONTH_PERCENT = 20;
/** Up to this many deletes the percentages don't apply. */
const FREE_DELETES = 100;

export interface GuardInput {
  /** Documents on the list, by warehouse. */
  readonly deletes: ReadonlyMap<string, number>;
  readonly warehouses: readonly WarehouseCounts[];
  /** Inferred deletes of the last 24 hours and of the last 30 days, without this list. */
  readonly lastDay: number;
  readonly lastMonth: number;
  readonly percent: number;
  /** The rows' absence is proven: each reading also returned a row that is known to exist. */
  readonly absenceProven: boolean;
}

/**
 * Why a list of inferred deletes must wait for confirmation; empty: it may be applied. A list is
 * applied as a whole or not at all, and that is decided before the first delete. Pure.
 */
export function reasonsToHold(input: GuardInput): string[] {
  const { deletes, warehouses, lastDay, lastMonth, percent, absenceProven } = input;
  const count = sum([...deletes.values()]);
  const documents = sum(warehouses.map((warehouse) => warehouse.documents));
  const rows = sum(warehouses.map((warehouse) => warehouse.rows));
  const reasons: string[] = [];
  if (!absenceProven) reasons.push('absence_not_proven');
  if (rows === 0) reasons.push(LISTING_EMPTY);
  for (const [whseid, ofIt] of deletes) {
    const warehouse = warehouses.find((one) => one.whseid === whseid);
    if (!warehouse?.rows) reasons.push(withoutRows(whseid));
    else if (2 * ofIt > warehouse.documents) reasons.push(`half_of_warehouse:${whseid}`);
  }
  if (2 * count > documents) reasons.push('half_of_table');
  // Shares of the documents that existed before the deletes already applied in that time.
  if (exceeds(count + lastDay, percent, documents + lastDay)) reasons.push('share_of_day');
  if (exceeds(count + lastMonth, MONTH_PERCENT, documents + lastMonth)) {
    reasons.push('share_of_month');
  }
  return reasons;
}

const LISTING_EMPTY = 'listing_empty';
const withoutRows = (whseid: string) => `warehouse_without_rows:${whseid}`;

/** Whether a list was held because the lake has no row of the warehouse, so none can be a control. */
export function isHeldAsEmpty(reasons: readonly string[], whseid: string): boolean {
  return reasons.includes(LISTING_EMPTY) || reasons.includes(withoutRows(whseid));
}

function exceeds(deletes: number, percent: number, documents: number): boolean {
  return deletes > FREE_DELETES && deletes * 100 > percent * documents;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
