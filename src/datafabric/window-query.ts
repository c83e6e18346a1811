import { GROUP_COLUMNS } from './listing-query.js';
import {
  COUNT_COLUMNS,
  fromWhere,
  MODIFIED,
  type QueryFilter,
  type QueryRange,
  type QuerySource,
} from './query-builder.js';
import { quoteName, quoteText } from './sql.js';

/** The most groups that a count lists: with the totals each takes about 400 bytes of a page. */
export const MOST_GROUPS = 10_000;
/** The most warehouses that are counted with groups, since each row has a column for each of them. */
export const MOST_WAREHOUSES = 10;

/** Names of the columns of a count that lists groups, besides those of a count and of a group. */
export const WINDOW_COLUMNS = {
  groups: 'GROUPS',
  modified: 'GROUP_MODIFIED',
  minSerial: 'GROUP_MIN_SERIALKEY',
  maxSerial: 'GROUP_MAX_SERIALKEY',
  /** 1 if the groups are listed, 0 if there are too many of them. */
  listed: 'LISTED',
} as const;

/**
 * The statement of a count that also lists the rows in groups of one warehouse and one index time.
 * Each row of its result has the columns of `countQuery`; if there is no group, or there are more
 * than MOST_GROUPS, its only row has nothing else.
 * @param source of an object with a surrogate key
 * @param warehouses whose rows are also counted per warehouse
 */
export function windowCountQuery(
  source: QuerySource & { readonly serialKey: string },
  filter: QueryFilter,
  range: QueryRange,
  warehouses: readonly string[] = [],
): string {
  const groups = `SELECT ${columnsOfGroups(source.serialKey)}${fromWhere(source, filter, range)} GROUP BY ${WAREHOUSE}, ${MODIFIED}`;
  const totals = columnsOfTotals(warehouses);
  const counts = `SELECT ${totals.map(([name, sql]) => `${sql} AS ${name}`).join(', ')} FROM g`;
  const listed = [
    ...totals.map(([name]) => `t.${name}`),
    ...[WAREHOUSE, LAST_MODIFIED, ROWS, SERIALS, SERIAL_SUM, MIN, MAX].map((name) => `g.${name}`),
  ];
  return `WITH g AS (${groups}), t AS (${counts}) SELECT ${listed.join(', ')} FROM t LEFT JOIN g ON t.${LISTED} = g.${LISTED}`;
}

/** Whether a statement is one of `windowCountQuery`. */
export function listsGroups(sql: string): boolean {
  return sql.includes(LISTED);
}

const [WAREHOUSE, LAST_MODIFIED] = [quoteName('WHSEID'), quoteName(WINDOW_COLUMNS.modified)];
const [ROWS, SERIALS, SERIAL_SUM] = [
  quoteName(GROUP_COLUMNS.rows),
  quoteName(GROUP_COLUMNS.serials),
  quoteName(GROUP_COLUMNS.serialSum),
];
const [MIN, MAX, LISTED] = [
  quoteName(WINDOW_COLUMNS.minSerial),
  quoteName(WINDOW_COLUMNS.maxSerial),
  quoteName(WINDOW_COLUMNS.listed),
];

function columnsOfGroups(serialKey: string): string {
  const serial = quoteName(serialKey);
  return [
    WAREHOUSE,
    `${MODIFIED} AS ${LAST_MODIFIED}`,
    `COUNT(*) AS ${ROWS}`,
    `COUNT(${serial}) AS ${SERIALS}`,
    `SUM(CAST(${serial} AS DECIMAL(38,0))) AS ${SERIAL_SUM}`,
    `MIN(${serial}) AS ${MIN}`,
    `MAX(${serial}) AS ${MAX}`,
    `1 AS ${LISTED}`,
  ].join(', ');
}

/** Name and expression of each; `LISTED` makes the join one on equality, as every SQL engine allows. */
function columnsOfTotals(warehouses: readonly string[]): [string, string][] {
  return [
    [quoteName(COUNT_COLUMNS.rows), `COALESCE(SUM(${ROWS}), 0)`],
    [quoteName(COUNT_COLUMNS.minSerial), `MIN(${MIN})`],
    [quoteName(COUNT_COLUMNS.maxSerial), `MAX(${MAX})`],
    [quoteName(COUNT_COLUMNS.maxModified), `MAX(${LAST_MODIFIED})`],
    ...warehouses.map((whseid, place): [string, string] => [
      quoteName(`${COUNT_COLUMNS.ofWarehouse}${place}`),
      `SUM(CASE WHEN ${WAREHOUSE} = ${quoteText(whseid)} THEN ${ROWS} ELSE 0 END)`,
    ]),
    [quoteName(WINDOW_COLUMNS.groups), 'COUNT(*)'],
    [LISTED, `CASE WHEN COUNT(*) <= ${MOST_GROUPS} THEN 1 ELSE 0 END`],
  ];
}
