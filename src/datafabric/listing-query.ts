import { MODIFIED_COLUMN } from '../tables/lake-columns.js';
import {
  COUNT_COLUMNS,
  MODIFIED,
  type QueryFilter,
  type QuerySource,
  scopeConditions,
  viewOf,
} from './query-builder.js';
import { TOTAL_COLUMNS } from './result-totals.js';
import { ceilingLiteral, quoteName, timestampLiteral } from './sql.js';

/** Names of the columns of a grouped listing, besides WHSEID and the index time. */
export const GROUP_COLUMNS = {
  rows: 'GROUP_ROWS',
  serials: 'GROUP_SERIALS',
  serialSum: 'GROUP_SERIAL_SUM',
} as const;

/** Both ends inclusive; the lake may keep finer times, which the upper end includes. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The statement that lists an object's live rows in groups of one warehouse and one index time,
 * ordered by the time alone, since the lake's order of texts is not known. Each row of its result
 * carries the total number of groups and of rows.
 */
export function groupedListingQuery(
  { object, serialKey }: QuerySource,
  filter: QueryFilter,
): string {
  const serial = serialKey && quoteName(serialKey);
  const [warehouse, modified] = [quoteName('WHSEID'), quoteName(MODIFIED_COLUMN)];
  const rows = quoteName(GROUP_COLUMNS.rows);
  const columns = [
    warehouse,
    `${MODIFIED} AS ${modified}`,
    `COUNT(*) AS ${rows}`,
    ...(serial
      ? [
          `COUNT(${serial}) AS ${quoteName(GROUP_COLUMNS.serials)}`,
          `SUM(CAST(${serial} AS DECIMAL(38,0))) AS ${quoteName(GROUP_COLUMNS.serialSum)}`,
        ]
      : []),
  ];
  const from = `${viewOf(object, false)}${scopeConditions(filter)}`;
  const groups = `SELECT ${columns.join(', ')} FROM ${from} GROUP BY ${warehouse}, ${MODIFIED}`;
  const sums = [
    `COUNT(*) AS ${quoteName(TOTAL_COLUMNS.rows)}`,
    `SUM(${rows}) AS ${quoteName(TOTAL_COLUMNS.keySum)}`,
  ];
  const totals = `SELECT ${sums.join(', ')} FROM g`;
  return `WITH g AS (${groups}), t AS (${totals}) SELECT * FROM g CROSS JOIN t ORDER BY ${modified}`;
}

/**
 * The statement that lists the live rows with an index time in one of these ranges: key, surrogate
 * key and index time of each, and the result totals.
 * @param key columns that identify a row, including WHSEID
 * @param ranges at least one
 */
export function keyListingQuery(
  { object, serialKey }: QuerySource,
  filter: QueryFilter,
  key: readonly string[],
  ranges: readonly TimeRange[],
): string {
  const names = [...key, ...(serialKey ? [serialKey] : [])].map(quoteName);
  const modified = `${MODIFIED} AS ${quoteName(MODIFIED_COLUMN)}`;
  const rows = `SELECT ${[...names, modified].join(', ')}${fromWithin(object, filter, ranges)}`;
  const sums = [
    `COUNT(*) AS ${quoteName(TOTAL_COLUMNS.rows)}`,
    ...(serialKey
      ? [
          `SUM(CAST(${quoteName(serialKey)} AS DECIMAL(38,0))) AS ${quoteName(TOTAL_COLUMNS.keySum)}`,
        ]
      : []),
  ];
  return `WITH d AS (${rows}), t AS (SELECT ${sums.join(', ')} FROM d) SELECT * FROM d CROSS JOIN t`;
}

/** The statement that counts the rows which `keyListingQuery` lists. */
export function listedRowsQuery(
  { object }: QuerySource,
  filter: QueryFilter,
  ranges: readonly TimeRange[],
): string {
  const rows = `COUNT(*) AS ${quoteName(COUNT_COLUMNS.rows)}`;
  return `SELECT ${rows}${fromWithin(object, filter, ranges)}`;
}

/** The first and last time that a literal can express; documents may have others. */
const FIRST_TIME = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

function fromWithin(object: string, filter: QueryFilter, ranges: readonly TimeRange[]): string {
  const held = (time: Date) => new Date(Math.min(Math.max(time.getTime(), FIRST_TIME), LAST_TIME));
  const within = ranges.map(
    ({ from, to }) =>
      `(${MODIFIED} >= ${timestampLiteral(held(from))} AND ${MODIFIED} <= ${ceilingLiteral(held(to))})`,
  );
  return ` FROM ${viewOf(object, false)}${scopeConditions(filter, [`(${within.join(' OR ')})`])}`;
}
