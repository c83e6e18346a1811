import type { DuckDBConnection } from '@duckdb/node-api';
import { tableOf } from '../store/objects.js';
import type { LakeObject } from '../types.js';
import { ORDERDETAIL, ORDERS, RECEIPT, RECEIPTDETAIL, TASKDETAIL } from '../wms/objects.js';
import { Expressions } from './expressions.js';
import { seedOrderdetail, seedOrders } from './orders.js';
import { type SeedPlan, seedPlan, type TableSeed } from './plan.js';
import { seedReceipt, seedReceiptdetail } from './receipts.js';
import { HISTORY_MS } from './source.js';
import { seedTaskdetail } from './taskdetail.js';

type Seeder = (e: Expressions, plan: SeedPlan) => TableSeed;

const SEEDERS: readonly (readonly [object: LakeObject, seeder: Seeder, number: number])[] = [
  [TASKDETAIL, seedTaskdetail, 0],
  [RECEIPT, seedReceipt, 1],
  [RECEIPTDETAIL, seedReceiptdetail, 1],
  [ORDERS, seedOrders, 2],
  [ORDERDETAIL, seedOrderdetail, 2],
];

export interface SeedOptions {
  readonly rows: number;
  readonly seed: number;
  /** Rows that share an index time, about. */
  readonly indexBatch: number;
  readonly nowMs: number;
}

/** Fills the WMS objects that the lake still has under their own definition. */
export async function seedObjects(
  connection: DuckDBConnection,
  objects: ReadonlySet<LakeObject>,
  { rows, seed, indexBatch, nowMs }: SeedOptions,
): Promise<void> {
  const plan = seedPlan(rows, nowMs);
  const indexed = batchedTime(rows, indexBatch);
  for (const [object, seeder, number] of SEEDERS) {
    if (!objects.has(object)) continue;
    // A header and its details throw the same dice for what they share: they start with one seed.
    const { source, columns } = seeder(new Expressions(seed * 10 + number), plan);
    const values = object.columns.map((column) => columns[column.name] ?? 'NULL');
    await connection.run(
      `INSERT INTO ${tableOf(object)}
       SELECT ${indexed}, row_number() OVER (), false, true, false, ${values.join(', ')} FROM (${source})`,
    );
  }
}

/** The index time, cut to the length of time in which so many rows are added. */
function batchedTime(rows: number, indexBatch: number): string {
  if (indexBatch <= 1) return 'indexed';
  const batchMs = Math.max(1, Math.floor((HISTORY_MS * indexBatch) / rows));
  return `epoch_ms(epoch_ms(indexed) // ${batchMs} * ${batchMs})`;
}
