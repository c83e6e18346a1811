import type { RowCounts, Segment, SyncJob } from '../models/sync-job.js';

export function noRows(): RowCounts {
  return {
    read: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    stale: 0,
    rejected: 0,
    deleted: 0,
    replayed: 0,
    collisions: 0,
  };
}

export function addCounts(a: RowCounts, b: RowCounts): RowCounts {
  const sum = { ...a };
  for (const name of Object.keys(sum) as (keyof RowCounts)[]) sum[name] += b[name];
  return sum;
}

/** The counts of a whole job: what its segments have read, and those of its queries before. */
export function jobCounts({ segments, split }: Pick<SyncJob, 'segments' | 'split'>): RowCounts {
  const before = split?.counts ?? noRows();
  return segments.map((segment) => segment.counts).reduce(addCounts, before);
}

/**
 * Cuts a query's result into offset ranges. The last one is open, since rows beyond the
 * count may have come in before the query ran, unless a limit of rows ends the run earlier.
 * @param from the offset to begin at
 * @param total the rows that were counted
 * @param limit the offset to stop at, or undefined
 * @param size rows of a segment
 */
export function planSegments(
  from: number,
  total: number,
  limit: number | undefined,
  size: number,
): Segment[] {
  const last = limit !== undefined && limit < total ? limit : null;
  const segments: Segment[] = [];
  const end = last ?? total;
  for (let start = from; start < end || segments.length === 0; start += size) {
    const next = start + size;
    segments.push(openSegment(start, next < end ? next : last));
  }
  return segments;
}

function openSegment(start: number, end: number | null): Segment {
  return { start, end, next: start, state: 'open', counts: noRows() };
}
