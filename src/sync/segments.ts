import type { Received, Segment } from '../models/reading.js';
import { addCounts, noRows, type RowCounts } from '../models/row-counts.js';
import type { SyncJob } from '../models/sync-job.js';

/** The counts of a whole job: those of its segments and of its earlier queries. */
export function jobCounts({ segments, split }: Pick<SyncJob, 'segments' | 'split'>): RowCounts {
  const before = split?.counts ?? noRows();
  return segments.map((segment) => segment.counts).reduce(addCounts, before);
}

/** What has been read of the present query's result, including the part that earlier runs have read. */
export function receivedOf({ segments, carried }: Pick<SyncJob, 'segments' | 'carried'>): Received {
  let rows = carried?.rows ?? 0;
  let keySum = BigInt(carried?.keySum ?? 0);
  let oddKeys = carried?.oddKeys ?? 0;
  let rejected = carried?.rejected ?? 0;
  for (const segment of segments) {
    rows += segment.counts.read;
    rejected += segment.counts.rejected;
    keySum += BigInt(segment.keySum ?? 0);
    oddKeys += segment.oddKeys ?? 0;
  }
  return { rows, keySum: String(keySum), oddKeys, ...(rejected > 0 && { rejected }) };
}

/** The offset into the result at which `maxRecords` ends the run. */
export function limitOffset({
  limit,
  startOffset,
}: Pick<SyncJob, 'limit' | 'startOffset'>): number | undefined {
  return limit.rows > 0 ? startOffset + limit.rows : undefined;
}

/** Whether `maxRecords` ended the run; false if its result ended first. */
export function stoppedAtLimit(job: SyncJob): boolean {
  const limit = limitOffset(job);
  if (limit === undefined) return false;
  if (job.stated) return limit < job.stated.rows;
  const last = job.segments.at(-1);
  return last !== undefined && last.end !== null && last.start < last.end && last.next >= last.end;
}

interface SegmentPlan {
  /** The offset of the first row to read. */
  readonly from: number;
  /** Rows that the count before the query found. */
  readonly counted: number;
  /** Rows that the result states; undefined: it ends at the first empty page. */
  readonly stated: number | undefined;
  /** The offset to stop at. */
  readonly limit: number | undefined;
  /** Rows of a segment. */
  readonly size: number;
}

/**
 * Cuts a query's result into segments. If the result doesn't state its row count, the last segment
 * has no end, since rows may have been added between count and query, unless the row limit ends the
 * run earlier.
 */
export function planSegments({ from, counted, stated, limit, size }: SegmentPlan): Segment[] {
  const total = stated ?? counted;
  const isCut = limit !== undefined && limit < total;
  const end = isCut ? limit : total;
  const last = isCut || stated !== undefined ? end : null;
  const segments: Segment[] = [];
  for (let start = from; start < end || (segments.length === 0 && last === null); start += size) {
    const next = start + size;
    segments.push(openSegment(start, next < end ? next : last));
  }
  return segments.length > 0 ? segments : [doneSegment(from)];
}

/** The only segment of a result without a row from this offset on. */
export function doneSegment(at: number): Segment {
  return { ...openSegment(at, at), state: 'done' };
}

function openSegment(start: number, end: number | null): Segment {
  return { start, end, next: start, state: 'open', counts: noRows() };
}
