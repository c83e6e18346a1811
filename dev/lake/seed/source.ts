import { type Expressions, padded } from './expressions.js';
import { STORERS } from './vocabulary.js';

const DAY_MS = 86_400_000;
/** The rows were added in this time before the lake's clock starts. */
export const HISTORY_MS = 120 * DAY_MS;
/** The newest row is this old, so that nothing is seeded into the future. */
const QUIET_MS = 15 * 60_000;

/** Warehouses in the order in which twenty rows go to them: the first has six, the last ones one. */
const WAREHOUSES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4, 1, 2, 1, 2, 1, 1];
const SLOTS = WAREHOUSES.length;

/**
 * The rows of a table whose numbers run on by themselves: `i`, `WHSEID`, `serial` (unique in
 * the warehouse only, as in a WMS), `storer`, `share` (rows of twenty in this warehouse) and
 * the three times `added`, `edited`, `indexed`.
 */
export function headers(e: Expressions, rows: number, nowMs: number): string {
  const step = Math.max(1, Math.floor(HISTORY_MS / Math.max(1, rows)));
  const addedMs = `${nowMs - QUIET_MS} - (${rows} - i) * ${step} + ${e.dice(step)}`;
  return `SELECT *, ${e.oneOf(STORERS)} AS storer, epoch_ms(added_ms) AS added, epoch_ms(edited_ms) AS edited,
      epoch_ms(edited_ms + 60000 + ${e.dice(9 * 60_000)}) AS indexed
    FROM (
      SELECT *, least(added_ms + ${editDelay(e)}, ${nowMs - QUIET_MS}) AS edited_ms
      FROM (
        SELECT i, 'wmwhse' || [${WAREHOUSES.join(', ')}][1 + i % ${SLOTS}] AS WHSEID,
          [${shares().join(', ')}][1 + i % ${SLOTS}] AS share,
          (i // ${SLOTS}) * share + [${places().join(', ')}][1 + i % ${SLOTS}] + 1 AS serial,
          ${addedMs} AS added_ms
        FROM (SELECT range AS i FROM range(${rows}))))`;
}

/**
 * The lines of such rows: `line` from 1, its own `id` to throw dice for, and a `lineSerial`
 * that is unique in the warehouse.
 */
export function lines(e: Expressions, headerRows: string): string {
  const count = `(1 + ${e.dice(3)} + ${e.dice(3)})`;
  return `SELECT *, i * 8 + line AS id, (serial - 1) * 8 + line AS lineSerial
    FROM (SELECT *, unnest(range(1, ${count} + 1)) AS line FROM (${headerRows}))`;
}

/** The key of one of `rows` headers in the same warehouse as this row. */
export function keyOfSome(e: Expressions, rows: number): string {
  return padded(`1 + ${e.dice(`greatest(1, ${Math.floor(rows / SLOTS)} * share)`)}`);
}

/** Most rows are done within hours, some untouched, some touched again months later. */
function editDelay(e: Expressions): string {
  return `CASE WHEN ${e.percent(15)} THEN 0
    WHEN ${e.percent(4)} THEN ${e.dice(90 * DAY_MS)}
    ELSE ${e.dice(6 * 3_600_000)} END`;
}

function shares(): number[] {
  return WAREHOUSES.map((one) => WAREHOUSES.filter((other) => other === one).length);
}

function places(): number[] {
  return WAREHOUSES.map((one, at) => WAREHOUSES.slice(0, at).filter((o) => o === one).length);
}
