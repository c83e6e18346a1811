import { type Columns, date, number, numbered, text } from './table.js';

/**
 * Columns that every WMS object has: identity, audit columns, and the flag by which a
 * lake object may mark deleted rows (whether it has one depends on the tenant's replication).
 */
export const commonColumns: Columns = {
  ...number('SERIALKEY'),
  ...text('WHSEID ADDWHO EDITWHO'),
  ...date('ADDDATE EDITDATE'),
  DELETED: 'deleteFlag',
};

/** The twelve lot attributes; 04, 05, 11 and 12 are dates. */
export const lottables: Columns = {
  ...text(numbered('LOTTABLE', 1, 12, 2)),
  ...date('LOTTABLE04 LOTTABLE05 LOTTABLE11 LOTTABLE12'),
};

/** Columns for a tenant's own use, which every table may have. */
export const ownUse: Columns = {
  ...text(numbered('SUSR', 1, 5)),
  ...text(numbered('EXT_UDF_STR', 1, 20)),
  ...text(numbered('EXT_UDF_LKUP', 1, 10)),
  ...date(numbered('EXT_UDF_DATE', 1, 5)),
  ...number(numbered('EXT_UDF_FLOAT', 1, 5)),
};
