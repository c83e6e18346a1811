import type { SyncJob } from '../models/sync-job.js';
import { jobColumns } from '../rows/column-counts.js';
import type { createPageWriter } from '../rows/write-page.js';
import { mostOf } from '../rows/write-rows.js';
import { storableName } from '../tables/column-name.js';
import { jobCounts } from './segments.js';

/** How the rows of a run are decoded and written. */
export function writingOf(job: SyncJob): Parameters<typeof createPageWriter>[1] {
  const { _id, tableId, deleteMode, range, epoch = 0, asOf } = job;
  const counts = jobCounts(job);
  // Most rows of an incremental run are in the lookback, and so are stored already.
  const atFirst = range.from ? 'unchanged' : 'new';
  const expected = counts.read > 0 ? mostOf(counts, counts.read) : atFirst;
  return {
    tableId,
    deleteMode,
    epoch,
    horizonMs: horizonOf(job),
    evidenceAt: asOf,
    jobId: String(_id),
    expected,
    storedNames: storedNamesOf(job),
    kinds: { configured: job.configuredKinds, listed: job.listedKinds },
    columns: jobColumns(job),
  };
}

/** Spellings of unknown columns: as earlier runs stored them, then as listed, then as in other pages. */
function storedNamesOf({ columnNames = [], lakeObject, unknownColumns }: SyncJob): string[] {
  const listed = lakeObject?.columns ?? [];
  return [...columnNames, ...listed.map(storableName), ...unknownColumns];
}

/** The index time up to which the query has certainly seen everything; epoch milliseconds. */
function horizonOf({ range, watermarkBefore, asOf }: SyncJob): number {
  const newest = Math.max(range.ceiling?.getTime() ?? 0, watermarkBefore?.getTime() ?? 0);
  return Math.min(newest, asOf?.getTime() ?? newest);
}
