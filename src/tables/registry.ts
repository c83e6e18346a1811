import { createHash } from 'node:crypto';
import { AppError } from '../errors/app-error.js';
import { orderDetail } from './order-detail.js';
import { orders } from './orders.js';
import { receipt } from './receipt.js';
import { receiptDetail } from './receipt-detail.js';
import type { TableDefinition } from './table.js';
import { taskdetail } from './taskdetail.js';
import { type Warehouses, warehouseList } from './warehouses.js';

/** Every WMS table that can be synced. A new one needs its file and an entry here. */
export const TABLES: readonly TableDefinition[] = [
  taskdetail,
  receipt,
  receiptDetail,
  orders,
  orderDetail,
];

export interface TableRegistry {
  readonly all: readonly TableDefinition[];
  /** @throws UNKNOWN_TABLE, naming the known ones */
  get(tableId: string): TableDefinition;
}

export function createRegistry(all: readonly TableDefinition[]): TableRegistry {
  const byId = new Map(all.map((table) => [table.tableId, table]));
  return {
    all,
    get(tableId) {
      const table = byId.get(tableId);
      if (table) return table;
      throw new AppError(
        'UNKNOWN_TABLE',
        `Unknown table: ${JSON.stringify(tableId.slice(0, 60))}`,
        {
          details: [{ field: 'tableId', message: `must be one of ${[...byId.keys()].join(', ')}` }],
        },
      );
    },
  };
}

/**
 * Changes when a configuration covers other rows. `undefined` covers all warehouses; order and
 * repetition of the names make no difference.
 */
export function scopeHash(given: Warehouses | undefined): string {
  const whseids = warehouseList(given);
  return shortHash({ whseids: whseids ? [...new Set(whseids)].sort() : 'all' });
}

/** 16 hexadecimal digits of the value's JSON. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
