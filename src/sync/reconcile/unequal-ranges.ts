import type { UnequalRange } from '../../models/reconcile.js';

/** The most ranges that are kept; beyond that the closest ones are joined. */
const MOST_RANGES = 400;

/** Added on both sides of an index time: the lake may round a time that MongoDB cuts, or vice versa. */
const AROUND_MS = 1;

/** An index time with unequal groups, and its place among all rows and documents compared. */
export interface UnequalTime {
  readonly ms: number;
  /** Rows and documents of earlier times (`seenBefore`), and including this time (`seenAfter`). */
  readonly seenBefore: number;
  readonly seenAfter: number;
}

/** Adds an index time, later than all before; changes the list. */
export function addUnequal(
  ranges: UnequalRange[],
  { ms, seenBefore, seenAfter }: UnequalTime,
): void {
  const last = ranges.at(-1);
  const from = new Date(ms - AROUND_MS);
  const to = new Date(ms + AROUND_MS);
  if (last && from.getTime() <= last.to.getTime() + 1) {
    ranges[ranges.length - 1] = { ...last, to, seenAfter };
  } else ranges.push({ from, to, seenBefore, seenAfter });
  if (ranges.length >= 2 * MOST_RANGES) ranges.splice(0, ranges.length, ...joined(ranges));
}

/** Joins the closest ranges until at most `MOST_RANGES` are left, in their order. */
export function joined(ranges: readonly UnequalRange[]): UnequalRange[] {
  const gaps = ranges.slice(1).map((range, at) => range.seenBefore - (ranges[at]?.seenAfter ?? 0));
  const excess = ranges.length - MOST_RANGES;
  if (excess <= 0) return [...ranges];
  const closed = new Set(
    gaps
      .map((gap, at) => ({ gap, at }))
      .sort((a, b) => a.gap - b.gap)
      .slice(0, excess)
      .map(({ at }) => at + 1),
  );
  const result: UnequalRange[] = [];
  ranges.forEach((range, at) => {
    const before = result.at(-1);
    if (before && closed.has(at)) {
      result[result.length - 1] = { ...before, to: range.to, seenAfter: range.seenAfter };
    } else result.push(range);
  });
  return result;
}

/** The most ranges and rows of one query that lists rows. */
const BATCH = { ranges: 100, rows: 200_000 };

/** The ranges that are listed together, at least one, starting at index `from`. */
export function nextBatch(ranges: readonly UnequalRange[], from: number): readonly UnequalRange[] {
  let rows = 0;
  const batch: UnequalRange[] = [];
  for (const range of ranges.slice(from, from + BATCH.ranges)) {
    rows += range.seenAfter - range.seenBefore;
    if (batch.length > 0 && rows > BATCH.rows) break;
    batch.push(range);
  }
  return batch;
}
