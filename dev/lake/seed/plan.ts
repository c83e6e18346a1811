/** How many rows each table gets; details follow from their headers. */
export interface SeedPlan {
  readonly tasks: number;
  readonly receipts: number;
  readonly orders: number;
  /** The lake's clock, epoch milliseconds; every seeded time lies before it. */
  readonly nowMs: number;
}

/** One table's rows: a SELECT, and a SQL expression over its columns for each column that isn't NULL. */
export interface TableSeed {
  readonly source: string;
  readonly columns: Readonly<Record<string, string>>;
}

/** For 22,000 tasks about 550 receipts, 1,650 receipt lines, 2,750 orders, 8,250 order lines. */
export function seedPlan(tasks: number, nowMs: number): SeedPlan {
  return { tasks, receipts: Math.ceil(tasks / 40), orders: Math.ceil(tasks / 8), nowMs };
}
