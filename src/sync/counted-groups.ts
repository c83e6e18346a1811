import { readPage } from '../datafabric/result-pages.js';
import type { Row } from '../datafabric/rows.js';
import { type WindowGroup, windowGroups, windowRows } from '../datafabric/window-groups.js';
import type { Step } from './step.js';

export interface CountedGroups {
  /** Of the counted rows; undefined: the lake has not listed them, or contradicts itself. */
  readonly groups?: readonly WindowGroup[] | undefined;
}

/** Rows of one page: all of them, as long as the lake delivers what it is asked for. */
const PAGE_ROWS = 30_000;

/**
 * The result of a count that lists groups, and its first row, which says what a count says.
 * @throws AppError as `readPage` does: LAKE_RESULT_LOST where rows that it has stay away
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
