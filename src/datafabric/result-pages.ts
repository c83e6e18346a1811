import type { Clock } from '../clock.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { CallOptions } from '../ion/time-limit.js';
import { isErrorTable, queryFailed } from './compass-answers.js';
import type { CompassCalls } from './compass-calls.js';
import type { Row } from './rows.js';

/** How long after an empty page it is requested again, since it may be an error. */
export const EMPTY_PAGE_PAUSE_MS = 3_000;

interface Reader {
  readonly compass: Pick<CompassCalls, 'page'>;
  readonly clock: Clock;
  readonly emptyPagePauseMs: number;
}

interface PageRequest extends CallOptions {
  readonly offset: number;
  /** At least 1. */
  readonly limit: number;
  /** Rows of the whole result, if it states them; `offset` is below that. */
  readonly total?: number | undefined;
  /** Offset of a row of the result that exists for certain; default: the one before `offset`. */
  readonly knownRow?: number;
  /** The query has just finished: the lake may not know its result everywhere yet. */
  readonly isFirst?: boolean;
  /** How often an unreadable list of rows is requested; default 3. */
  readonly readings?: number | undefined;
}

/** How often a new result may be unknown to the lake. */
const UNKNOWN_TIMES = 2;

/**
 * Reads a page and verifies that an empty one is the end of the result. If the total is known, a
 * page within it is never empty. If not, an empty page ends the result only if it is still empty a
 * few seconds later while a row that is known to exist can be read. The first page is also requested
 * again if the lake does not know the result yet.
 * @throws AppError LAKE_QUERY_FAILED if the page is an error table;
 *   LAKE_RESULT_LOST if rows that must exist are missing; OUT_OF_TIME if the deadline leaves no
 *   time for another request
 */
export async function readPage(
  { compass, clock, emptyPagePauseMs }: Reader,
  queryId: string,
  { offset, limit, total, knownRow = offset - 1, isFirst = false, ...limits }: PageRequest,
): Promise<readonly Row[]> {
  const mayBeEnd = total === undefined && offset > 0;
  const ask = async (unknownTimes = isFirst ? UNKNOWN_TIMES : 0): Promise<readonly Row[]> => {
    try {
      const rows = await compass.page(queryId, { offset, limit, mayBeEnd, ...limits });
      if (isErrorTable(rows)) throw queryFailed(queryId, rows);
      return rows;
    } catch (thrown) {
      if (unknownTimes === 0 || toAppError(thrown).code !== 'LAKE_RESULT_LOST') throw thrown;
      await pause(clock, emptyPagePauseMs, limits);
      return ask(unknownTimes - 1);
    }
  };
  const rows = await ask();
  if (rows.length > 0) return rows;
  await pause(clock, emptyPagePauseMs, limits);
  const again = await ask();
  if (again.length > 0) return again;
  if (total !== undefined) throw lost(queryId, `no rows at offset ${offset} of ${total}`);
  if (offset === 0) return [];
  const known = await compass.page(queryId, { ...limits, offset: knownRow, limit: 1 });
  if (known.length === 0) throw lost(queryId, `the row at offset ${knownRow} is gone`);
  return [];
}

/**
 * The only row of a statement that always has one, such as a count.
 * @throws AppError LAKE_RESULT_LOST if it is not delivered
 */
export async function readOnlyRow(
  reader: Reader,
  queryId: string,
  limits: CallOptions,
): Promise<Row> {
  const [row] = await readPage(reader, queryId, {
    ...{ offset: 0, limit: 10, total: 1, isFirst: true },
    ...limits,
  });
  if (!row) throw lost(queryId, 'no row');
  return row;
}

async function pause(
  clock: Clock,
  ms: number,
  { deadline = Number.POSITIVE_INFINITY, signal }: CallOptions,
): Promise<void> {
  if (clock.now() + ms >= deadline) throw new AppError('OUT_OF_TIME');
  await clock.sleep(ms, signal);
}

function lost(queryId: string, message: string): AppError {
  return new AppError('LAKE_RESULT_LOST', undefined, { details: [{ message, queryId }] });
}
