import type { LakeObject } from '../../dev/lake/index.js';
import {
  ORDERDETAIL,
  ORDERS,
  RECEIPT,
  RECEIPTDETAIL,
  TASKDETAIL,
} from '../../dev/lake/wms/objects.js';
import { createRegistry, TABLES } from '../../src/tables/registry.js';
import type { TableDefinition } from '../../src/tables/table.js';

/** A table and its lake object, as the histories look at them. */
export interface Subject {
  readonly table: TableDefinition;
  readonly object: LakeObject;
  /** Whether the object tells deletes. */
  readonly flagged: boolean;
  /** Whether its records are told apart by SERIALKEY, so that a business key can be used again. */
  readonly reusesKeys: boolean;
  /** Columns that edits change, one of each kind. */
  readonly changing: { readonly text: string; readonly number: string; readonly date: string };
}

const registry = createRegistry(TABLES);

export const SUBJECTS: readonly Subject[] = [
  subject('taskdetail', TASKDETAIL, { text: 'STATUS', number: 'QTY', date: 'STARTTIME' }),
  subject('orderdetail', ORDERDETAIL, {
    text: 'STATUS',
    number: 'OPENQTY',
    date: 'EFFECTIVEDATE',
  }),
  subject('receiptdetail', RECEIPTDETAIL, {
    text: 'STATUS',
    number: 'QTYRECEIVED',
    date: 'DATERECEIVED',
  }),
  subject('receipt', RECEIPT, { text: 'STATUS', number: 'OPENQTY', date: 'STATUSDATE' }),
  subject('orders', ORDERS, { text: 'STATUS', number: 'OPENQTY', date: 'ORDERDATE' }),
];

/**
 * The object keeps its name, identity and flag, but few of its columns: planning queries over
 * more than a hundred would take most of a history's time.
 */
function subject(tableId: string, object: LakeObject, changing: Subject['changing']): Subject {
  const table = registry.get(tableId);
  const { deleteFlag, identity } = object;
  const kept = new Set([
    ...['SERIALKEY', 'WHSEID', 'ADDDATE', ...table.key, ...Object.values(changing)],
    ...(deleteFlag ? [deleteFlag.column] : []),
  ]);
  return {
    table,
    object: { ...object, columns: object.columns.filter(({ name }) => kept.has(name)) },
    flagged: deleteFlag !== undefined,
    reusesKeys: identity.includes('SERIALKEY'),
    changing,
  };
}
