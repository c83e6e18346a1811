import { readPage } from '../../datafabric/result-pages.js';
import { type ResultTotals, sameTotals } from '../../datafabric/result-totals.js';
import type { Row } from '../../datafabric/rows.js';
import type { Step } from '../step.js';

/** Rows per page: a group or a key is short, and a page must stay below 10 MB. */
const PAGE_ROWS = 30_000;

export interface ResultPage {
  readonly rows: readonly Row[];
  /** Offset of its first row in the result. */
  readonly offset: number;
}

/**
 * The pages of a finished query's result from an offset on, until the result's own total is reached
 * or, while none is known, a page is empty.
 * @param totalOf reads the result's row count from a page's rows; called after the page was yielded
 * @param options.total the result's row count, if it is known already
 * @throws AppError as `readPage` does
 */
export async function* resultPages(
  { context, session, sliceDeadline }: Step,
  queryId: string,
  from: number,
  totalOf: (rows: readonly Row[]) => number | undefined,
  options: { readonly limit?: number; readonly total?: number | undefined } = {},
): AsyncGenerator<ResultPage> {
  const { lake, clock, emptyPagePauseMs } = context;
  const reader = { compass: lake.compass, clock, emptyPagePauseMs };
  const limits = { deadline: sliceDeadline, signal: session.signal };
  const { limit = PAGE_ROWS } = options;
  let { total } = options;
  for (let offset = from; total === undefined || offset < total; ) {
    const place = { offset, limit, total, isFirst: offset === from };
    const rows = await readPage(reader, queryId, { ...limits, ...place });
    if (rows.length === 0) return;
    yield { rows, offset };
    total ??= totalOf(rows);
    offset += rows.length;
  }
}

/** Whether the rows read have the stated count and key sum; only the count if keys are not numeric. */
export function isWhole(stated: ResultTotals, received: ResultTotals, oddKeys: number): boolean {
  if (stated.keySum === undefined || oddKeys > 0) return stated.rows === received.rows;
  return sameTotals(stated, received);
}
