import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { CONFIGURABLE_KINDS, type ConfigurableKind, isFixed } from '../tables/column-kinds.js';
import { foldedName } from '../tables/column-name.js';
import type { TableDefinition } from '../tables/table.js';

const MOST_COLUMNS = 200;

// As a key of the stored configuration a name must be no path, and no operator.
const name = z
  .string()
  .regex(/^[^.$\0\s][^.\0]{0,127}$/, { error: 'must be the name of a column, without a period' })
  // The same in a form that other languages read as well.
  .meta({ pattern: '^[^.$\\u0000\\s][^.\\u0000]{0,127}$' });

const kind = z.enum(CONFIGURABLE_KINDS, { error: `must be ${CONFIGURABLE_KINDS.join(', ')}` });

/** `options.columns`: kinds of columns in this tenant, by name. */
export const columnKindsOption = z
  .record(name, kind, { error: 'must be an object such as {"MYDATE": "date"}' })
  .refine((columns) => Object.keys(columns).length <= MOST_COLUMNS, {
    error: `must have at most ${MOST_COLUMNS} columns`,
  });

/**
 * Refuses kinds that the table can't work with: of columns that say which row it is, and two for
 * one column, whose names match in any letter case.
 * @throws VALIDATION_FAILED, naming each field
 */
export function checkColumnKinds(
  table: TableDefinition,
  columns: Readonly<Record<string, ConfigurableKind>> = {},
): void {
  const seen = new Set<string>();
  const details = Object.entries(columns).flatMap(([column, wanted]) => {
    const folded = foldedName(column);
    const isTwice = seen.has(folded);
    seen.add(folded);
    const message = isTwice ? 'is given twice, in another letter case' : problem(folded, wanted);
    return message ? [{ field: `options.columns.${column}`, message }] : [];
  });
  if (details.length === 0) return;
  const fields = details.map(({ field }) => field).join(', ');
  throw new AppError('VALIDATION_FAILED', `Check these fields: ${fields}.`, { details });

  function problem(folded: string, wanted: ConfigurableKind): string | undefined {
    if (folded.startsWith('LAKE_')) return 'is a column that the queries of the backend add';
    if (!isFixed(table, folded) || table.columns[folded] === wanted) return undefined;
    return `identifies rows of ${table.tableId}, so it stays ${table.columns[folded]}`;
  }
}
