import { Types } from 'mongoose';
import { z } from 'zod';
import { MAX_PAGE_ROWS } from '../datafabric/compass-calls.js';
import { epochMsFloor } from '../rows/date.js';
import { TABLES, type TableRegistry } from '../tables/registry.js';
import { warehouseList } from '../tables/warehouses.js';
import { blankIsAbsent, digitsToo } from './forgiving.js';

/** The fields that several endpoints share. */
export const tableIdField = z
  .string({ error: 'must be the id of a table' })
  .min(1)
  .max(60)
  // Published only: a table of an earlier deploy may still be looked at.
  .meta({ enum: TABLES.map(({ tableId }) => tableId) });

/** In a query: an empty one stands for all tables. */
export const anyTable = blankIsAbsent(tableIdField);

/**
 * A filter by a table that nothing is on record of, nor can be, is a mistake. One that was synced
 * by an earlier deploy may still be looked at.
 * @throws AppError UNKNOWN_TABLE
 */
export function refuseUnknownTable(
  tables: TableRegistry,
  wanted: string | undefined,
  { found }: { readonly found: number },
): void {
  if (wanted !== undefined && found === 0) tables.get(wanted);
}
/** As the published document has a time: looser forms (no zone, a space instead of T) are read, too. */
export const PUBLISHED_TIME = {
  type: 'string',
  anyOf: [{ format: 'date-time' }, { format: 'date' }],
};

/** An ISO date-time, or a date; UTC unless it names a zone. */
export const instant = z
  .string({ error: 'must be an ISO date-time' })
  .max(40)
  .transform((text, context) => {
    const ms = epochMsFloor(text);
    // The zone may lead out of the years that ISO 8601 writes with four digits, as answers do.
    const isShown = typeof ms === 'number' && /^\d/.test(new Date(ms).toISOString());
    if (isShown) return new Date(ms);
    context.addIssue({ code: 'custom', message: 'must be an ISO date-time' });
    return z.NEVER;
  })
  .meta({
    description: 'An ISO date-time or date; UTC unless a time zone is given',
    ...PUBLISHED_TIME,
  });

export const objectId = z
  .string()
  .regex(/^[0-9a-f]{24}$/i, { error: 'must be an id of 24 hexadecimal digits' })
  .transform((hex) => new Types.ObjectId(hex))
  .meta({ pattern: '^[0-9a-fA-F]{24}$' });

/** As `quoteText` has it, said here by the field's name and before a run is started. */
const oneWarehouse = z
  .string()
  .min(1, { error: 'must name a warehouse' })
  .max(30, { error: 'must have at most 30 characters' })
  .refine((name) => !/[\0\\]/.test(name) && name.isWellFormed(), {
    error: 'must not contain a backslash, NUL or an unpaired surrogate',
  });

/** One warehouse, or a list of them; a list without one would mean none at all. */
export const whseid = z
  .union([z.string(), z.array(z.string()).min(1).max(200)], {
    error: 'must be a warehouse or a list of warehouses',
  })
  .superRefine((value, context) => {
    for (const [index, name] of (warehouseList(value) ?? []).entries()) {
      const { error } = oneWarehouse.safeParse(name);
      const path = typeof value === 'string' ? [] : [index];
      for (const { message } of error?.issues ?? []) {
        context.addIssue({ code: 'custom', path, message });
      }
    }
  });

/** Rows a page; Compass gives 100,000 at most. */
export const batchSize = digitsToo(
  z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(MAX_PAGE_ROWS, {
      error: `must be at most ${MAX_PAGE_ROWS}: the lake gives no more rows a page`,
    }),
);

/** Rows a run; 0 is no limit. */
export const maxRecords = digitsToo(
  z.int({ error: 'must be a whole number' }).min(0, { error: 'must be 0 (no limit) or more' }),
);
