import { TABLES } from '../../src/tables/registry.js';
import type { TableDefinition } from '../../src/tables/table.js';
import type { Lake, LakeObject, Row } from '../lake/index.js';
import { WMS_OBJECTS } from '../lake/wms/objects.js';

/** How many records of a table were changed, and how. */
export interface Changes {
  readonly tableId: string;
  readonly edited: number;
  readonly added: number;
  readonly deleted: number;
  /** Deleted before the first sync, alive again. */
  readonly revived: number;
  /** Deleted, and their business key used by a new record. */
  readonly reused: number;
}

/** Rows that the next sync has to read for it; a key that is used again is two of them. */
export function changedRows({ edited, added, deleted, revived, reused }: Changes): number {
  return edited + added + deleted + revived + 2 * reused;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Which rows are changed: some hundreds by their serial number, none by two of the rules. The
 * moduli are multiples of eight because a line's number is eight times its header's, and its own
 * place from 1 to 5: so each rule meets headers and lines.
 */
const EDITED = 'SERIALKEY % 48 = 3';
const DELETED = 'SERIALKEY % 96 = 1';
const REVIVED = 'SERIALKEY % 96 = 2';
const COPIED = 'SERIALKEY % 96 = 9';
const REUSED = 'SERIALKEY % 96 = 17';

/** What an edit changes beside EDITDATE: empties a column, and sets what is hard to carry over. */
const EDITS: Readonly<Record<string, Row>> = {
  // More digits than a double holds.
  taskdetail: { STATUS: '9', QTY: '1234567890123456.12345', UOM: null },
  receipt: { STATUS: '11', NOTES: 'Grüße aus Köln – 東京 ✓', CLOSEDDATE: null },
  receiptdetail: { QTYRECEIVED: '0.10000', LOTTABLE02: '00042', NOTES: null },
  orders: { STATUS: '95', DOOR: ' ', C_ZIP: '01067' },
  orderdetail: { SHIPPEDQTY: '7.50000', STATUS: '95', LOTTABLE05: '9999-12-31T23:59:59.997Z' },
};

/** Deletes what comes back later, so that the first sync never sees it. */
export async function deleteBeforeFirstSync(lake: Lake): Promise<void> {
  for (const { object } of TABLES) {
    if (hasDeletes(object)) await lake.delete(object, REVIVED);
  }
}

/** Changes all tables, later than the lookback of a second sync reaches. */
export async function changeLake(lake: Lake): Promise<Changes[]> {
  lake.advance(2 * HOUR_MS);
  const changes: Changes[] = [];
  for (const table of TABLES) changes.push(await changeTable(lake, table));
  return changes;
}

async function changeTable(lake: Lake, table: TableDefinition): Promise<Changes> {
  const { object, tableId } = table;
  const now = lake.now();
  const edited = await lake.edit(object, EDITED, { ...EDITS[tableId], EDITDATE: now });
  const added = await lake.insert(object, await copies(lake, table, COPIED, 'new keys'));
  if (!hasDeletes(object)) {
    return { tableId, edited, added, deleted: 0, revived: 0, reused: 0 };
  }
  const deleted = await lake.delete(object, DELETED);
  const revived = await lake.revive(object, REVIVED, { EDITDATE: now });
  return { tableId, edited, added, deleted, revived, reused: await reuseKeys(lake, table) };
}

/** Only where the lake tells records apart by SERIALKEY: else the new row would be an edit. */
async function reuseKeys(lake: Lake, table: TableDefinition): Promise<number> {
  if (!objectOf(table.object).identity.includes('SERIALKEY')) return 0;
  const rows = await copies(lake, table, REUSED, 'same keys');
  await lake.delete(table.object, REUSED);
  lake.advance(MINUTE_MS);
  return lake.insert(table.object, rows);
}

/** Rows like those that `where` meets, with other serial numbers. */
async function copies(
  lake: Lake,
  { object, key }: TableDefinition,
  where: string,
  keys: 'new keys' | 'same keys',
): Promise<Row[]> {
  const rows = await lake.rows(object, { where });
  const first = key[0] ?? '';
  return rows.map((row) => ({
    ...row,
    SERIALKEY: `9${row.SERIALKEY?.padStart(8, '0')}`,
    ...(keys === 'new keys' && { [first]: `N${row[first]?.slice(1)}` }),
  }));
}

/** Where a lake object has no delete flag, an incremental run can't see what was deleted. */
export function tablesWithoutDeletes(): TableDefinition[] {
  return TABLES.filter((table) => !hasDeletes(table.object));
}

function hasDeletes(object: string): boolean {
  return objectOf(object).deleteFlag !== undefined;
}

function objectOf(name: string): LakeObject {
  const objects: readonly LakeObject[] = WMS_OBJECTS;
  const object = objects.find((candidate) => candidate.name === name);
  if (!object) throw new Error(`The lake has no object ${name}.`);
  return object;
}
