import { createHash } from 'node:crypto';
import { readPage } from '../datafabric/result-pages.js';
import { sameTotals, type TotaledRows, takeTotals } from '../datafabric/result-totals.js';
import { isUnparsable, isUnreadableList, type Row } from '../datafabric/rows.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { rowText } from '../rows/row-text.js';
import type { FetchedPage, SliceMemory, Step } from './step.js';

/**
 * Fetches a page of the run's result, or takes the one kept in memory.
 * @param offset in the whole result
 * @param limit rows, at least 1
 * @param knownRow offset of a row of this result that exists for certain; default: the row before
 * @throws AppError LAKE_RESULT_LOST; LAKE_RESULT_UNPROVEN if its rows state other totals than
 *   the job has
 */
export async function fetchPage(
  step: Step,
  offset: number,
  limit: number,
  knownRow = offset - 1,
): Promise<FetchedPage> {
  const { context, session, sliceDeadline, memory } = step;
  const { query, stated } = session.job;
  if (!query) throw new Error('reading without a query');
  const key = `${query.id}@${offset}`;
  const ready = memory.inHand.get(key);
  if (ready && ready.rows.length <= limit) {
    memory.inHand.delete(key);
    return ready;
  }
  const { compass } = context.lake;
  const isFirst = session.job.phase === 'querying' && !session.job.inherited;
  const place = {
    offset,
    knownRow,
    total: stated?.rows,
    isFirst,
    deadline: sliceDeadline,
    signal: session.signal,
  };
  const { clock, emptyPagePauseMs } = context;
  const reader = { compass, clock, emptyPagePauseMs };
  const rows = await inHalves(memory, limit, (rowsAsked, readings) =>
    readPage(reader, query.id, { ...place, limit: rowsAsked, readings }),
  );
  const fingerprint = fingerprintOf(rows);
  const page = takeTotals(rows);
  if (page.contradictory || statesOther(session.job, page)) {
    throw unproven(
      session.job,
      `the rows at offset ${offset} state other totals than those before`,
    );
  }
  const { keySum, oddKeys } = page;
  return {
    rows,
    keySum,
    oddKeys,
    ...(page.stated && { stated: page.stated }),
    ...(fingerprint && { fingerprint }),
  };
}

/** Fetches the first page that the run reads of its result, at most as long as its first segment. */
export function fetchFirstPage(step: Step, offset: number): Promise<FetchedPage> {
  const { batchSize, limit } = step.session.job;
  const limits = [batchSize, step.context.sizes.segment, ...(limit.rows > 0 ? [limit.rows] : [])];
  return fetchPage(step, offset, Math.min(...limits));
}

/** All pages must state the totals that the first page states, or none if it states none. */
function statesOther({ stated, totals, phase }: SyncJob, { rows, ...page }: TotaledRows): boolean {
  // Rows that can't be parsed state nothing, not even totals.
  if (rows.every(isUnparsable)) return false;
  // If totals were asked for and are unknown, the first page had no row that could state them.
  if (!stated) return phase === 'reading' && page.stated !== undefined && !totals;
  return page.stated ? !sameTotals(stated, page.stated) : phase === 'reading';
}

/** How often a page on which the lake fails is halved and requested again. */
const HALVINGS = 3;

type AskForRows = (limit: number, readings?: number) => Promise<readonly Row[]>;

/**
 * The page, or a shorter one:
 * - if the lake refuses it for its size: 413, or another refusal of this many rows. A server error
 *   may have that cause, too, so it is tried with a few halvings;
 * - if one row makes the list unreadable: halving isolates that row, and only it is lost.
 */
async function inHalves(
  memory: SliceMemory,
  limit: number,
  ask: AskForRows,
): Promise<readonly Row[]> {
  let rows = Math.min(limit, memory.mostRows ?? limit);
  let isTooLarge = false;
  let isUnreadable = false;
  for (let failures = 0; ; rows = Math.ceil(rows / 2)) {
    try {
      // An unreadable page is not retried at each size; only the single row is.
      const page = await ask(rows, isUnreadable && rows > 1 ? 1 : undefined);
      if (isTooLarge) memory.mostRows = rows;
      return page;
    } catch (thrown) {
      const error = toAppError(thrown);
      const { code } = error;
      const hasBadRow = isUnreadableList(error);
      const mayBeSize =
        code === 'LAKE_REFUSED' || (code === 'LAKE_SERVER_ERROR' && failures++ < HALVINGS);
      if (rows === 1 || !(mayBeSize || hasBadRow)) throw thrown;
      isTooLarge ||= mayBeSize;
      isUnreadable ||= hasBadRow;
    }
  }
}

/** Keeps a fetched page in memory for the reader of that offset; it replaces the one kept before. */
export function keepInHand({ memory, session }: Step, offset: number, page: FetchedPage): void {
  memory.inHand.clear();
  memory.inHand.set(`${session.job.query?.id}@${offset}`, page);
}

/** A row has one offset in its result: two pages that begin with the same row are the same page. */
function fingerprintOf(rows: readonly Row[]): string | undefined {
  // Unparsable rows look alike, so they can't tell pages apart.
  const first = rows.find((row) => !isUnparsable(row)) ?? rows[0];
  if (!first) return undefined;
  return createHash('sha1').update(rowText(first)).digest('base64').slice(0, 8);
}

export function unproven({ query }: Pick<SyncJob, 'query'>, message: string): AppError {
  return new AppError('LAKE_RESULT_UNPROVEN', undefined, {
    details: [{ message, ...(query && { queryId: query.id }) }],
  });
}
