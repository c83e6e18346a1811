import { bulkWrite } from '../db/bulk-write.js';
import { guardedWrite } from '../db/guarded-write.js';
import { native } from '../db/native.js';
import type { RetryScope } from '../db/retry.js';
import type { RowCounts, SyncJob } from '../models/sync-job.js';
import type { DecodedRow, Decoder, LakeRow, RejectedRow } from '../tables/decoder.js';
import type { SyncContext } from './context.js';
import { newestOfEachKey } from './newest.js';
import type { createRejectStore } from './rejects.js';
import { noRows } from './segments.js';

/** Documents of one bulk write: few enough that it stays far below MongoDB's 48 MB message. */
const BATCH_ROWS = 1_000;

export interface PageWriter {
  readonly context: SyncContext;
  readonly job: Pick<SyncJob, 'tableId' | 'deleteMode'>;
  readonly decoder: Decoder;
  readonly rejects: ReturnType<typeof createRejectStore>;
  readonly scope: RetryScope;
}

/**
 * Writes one page: decodes its rows, keeps those that can't be stored as rejects, and sends
 * guarded writes, one for each key at a time. Can be repeated with the same rows at any time.
 * @returns what became of the rows; the five-way sum is the page's length
 */
export async function writePage(writer: PageWriter, page: readonly LakeRow[]): Promise<RowCounts> {
  const { job, context, rejects } = writer;
  const { rows, bad } = decodePage(writer.decoder, page);
  const { deleted, live, superseded, collisions } = newestOfEachKey(rows);
  const counts: RowCounts = {
    ...noRows(),
    read: page.length,
    stale: superseded,
    collisions,
    rejected: bad.length,
  };

  const collection = native(context.models.rows(job.tableId));
  const refusedRows = new Set<DecodedRow>();
  // Deletes first: a live row takes the place of a deleted one, not that of another live one.
  for (const group of [...deleted, live]) {
    for (let at = 0; at < group.length; at += BATCH_ROWS) {
      const writes = group
        .slice(at, at + BATCH_ROWS)
        .map((row) => guardedWrite(row, job.deleteMode));
      const result = await bulkWrite(collection, writes, writer.scope);
      counts.created += result.created;
      counts.updated += result.updated;
      counts.unchanged += result.unchanged;
      counts.stale += result.stale;
      counts.rejected += result.refused.length;
      counts.replayed += result.replayed;
      if (group !== live) counts.deleted += result.created + result.updated;
      for (const { row, message } of result.refused) {
        bad.push(refused(row, message));
        refusedRows.add(row);
      }
    }
  }

  await rejects.open(bad);
  await rejects.arrived(rows.filter((row) => !refusedRows.has(row)));
  return counts;
}

function decodePage(
  decoder: Decoder,
  page: readonly LakeRow[],
): { rows: DecodedRow[]; bad: RejectedRow[] } {
  const rows: DecodedRow[] = [];
  const bad: RejectedRow[] = [];
  for (const raw of page) {
    const decoded = decoder.decode(raw);
    if (decoded.ok) rows.push(decoded.row);
    else bad.push(decoded.reject);
  }
  return { rows, bad };
}

function refused({ id, raw }: DecodedRow, message: string): RejectedRow {
  return { identity: id, reason: 'write_refused', column: '', message: message.slice(0, 300), raw };
}
