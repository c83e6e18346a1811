import { readPage } from '../datafabric/result-pages.js';
import type { Row } from '../datafabric/rows.js';
import { type WindowGroup, windowGroups, windowRows } from '../datafabric/window-groups.js';
import type { Step } from './step.js';

export interface CountedGroups {
  /** Groups of the counted rows; undefined: the lake did not list them, or contradicts itself. */
  readonly groups?: readonly WindowGroup[] | undefined;
}

/** Rows per page: normally one page has the whole result. */
const PAGE_ROWS = 30_000;

/**
 * The result of a count that lists groups, and its first row, which has what a plain count returns.
 * @throws AppError as `readPage` does: LAKE_RESULT_LOST if rows of the result are not delivered
 */
export async function countedGroups(
  { context, session, sliceDeadline }: Step,
  queryId: string,
): Promise<CountedGroups & { readonly first: Row }> {
  const { lake, clock, emptyPagePauseMs } = context;
  const reader = { compass: lake.compass, clock, emptyPagePauseMs };
  const result: Row[] = [];
  // There is always a first row: it has the totals.
  for (let total = 1; result.length < total; total = windowRows(result[0])) {
    const offset = result.length;
    const place = { offset, limit: PAGE_ROWS, total, isFirst: offset === 0 };
    const limits = { deadline: sliceDeadline, signal: session.signal };
    result.push(...(await readPage(reader, queryId, { ...place, ...limits })));
  }
  const [first = {}] = result;
  return { first, groups: windowGroups(result) };
}
