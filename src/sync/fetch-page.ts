import { createHash } from 'node:crypto';
import { readPage } from '../datafabric/result-pages.js';
import { sameTotals, type TotaledRows, takeTotals } from '../datafabric/result-totals.js';
import { isUnparsable, isUnreadableList, type Row } from '../datafabric/rows.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { rowText } from '../rows/row-text.js';
import type { FetchedPage, SliceMemory, Step } from './step.js';

/**
 * Fetches a page of the run's result, or takes the one in hand.
 * @param offset of the whole result
 * @param limit at least 1
 * @param knownRow offset of a row that has been read of this result; default: the one before
 * @throws AppError LAKE_RESULT_LOST; LAKE_RESULT_UNPROVEN where its rows state other totals than
 *   the job knows
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

/** Fetches the first page that the run reads of its result: never more than the first segment has. */
export function fetchFirstPage(step: Step, offset: number): Promise<FetchedPage> {
  const { batchSize, limit } = step.session.job;
  const limits = [batchSize, step.context.sizes.segment, ...(limit.rows > 0 ? [limit.rows] : [])];
  return fetchPage(step, offset, Math.min(...limits));
}

/** Once the first page has told the totals, or that there are none, all others have to say the same. */
function statesOther({ stated, totals, phase }: SyncJob, { rows, ...page }: TotaledRows): boolean {
  // Rows that are no JSON say nothing, of totals either.
  if (rows.every(isUnparsable)) return false;
  // Where totals are still wanted and not known, the first page had no row that could tell them.
  if (!stated) return phase === 'reading' && page.stated !== undefined && !totals;
  return page.stated ? !sameTotals(stated, page.stated) : phase === 'reading';
}

/** So often a page that makes the lake fail is asked for with half of its rows. */
const HALVINGS = 3;

type AskForRows = (limit: number, readings?: number) => Promise<readonly Row[]>;

/**
 * The page, or a shorter one:
 * - where the lake refuses it for its size: 413, or another refusal of so many rows. A server
 *   error may have that cause, too, which a few halves find out;
 * - where one row makes the list unreadable: the halves lead to that row, and it costs only itself.
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
      // That the page can't be read has been tried often enough; the row itself is asked for again.
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

export function keepInHand({ memory, session }: Step, offset: number, page: FetchedPage): void {
  memory.inHand.clear();
  memory.inHand.set(`${session.job.query?.id}@${offset}`, page);
}

/** One row of a result is at one offset: a page that begins with another's first row is that one. */
function fingerprintOf(rows: readonly Row[]): string | undefined {
  // What is no row looks like another one that is none.
  const first = rows.find((row) => !isUnparsable(row)) ?? rows[0];
  if (!first) return undefined;
  return createHash('sha1').update(rowText(first)).digest('base64').slice(0, 8);
}

export function unproven({ query }: Pick<SyncJob, 'query'>, message: string): AppError {
  return new AppError('LAKE_RESULT_UNPROVEN', undefined, {
    details: [{ message, ...(query && { queryId: query.id }) }],
  });
}
