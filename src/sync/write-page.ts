import type { mongo } from 'mongoose';
import { bulkWrite } from '../db/bulk-write.js';
import { guardedWrite } from '../db/guarded-write.js';
import { native } from '../db/native.js';
import { type RetryScope, withRetry } from '../db/retry.js';
import type { RowCounts, SyncJob } from '../models/sync-job.js';
import type { DecodedRow, Decoder, LakeRow, RejectedRow, RowDocument } from '../tables/decoder.js';
import type { SyncContext } from './context.js';
import { newestOfEachKey } from './newest.js';
import { storedSerialKey } from './reject-key.js';
import type { Arrival, createRejectStore } from './rejects.js';
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
      bad.push(...result.refused.map(({ row, message }) => refused(row, message)));
    }
  }

  await rejects.open(bad);
  const badOnes = new Set(bad.map((row) => row.identity));
  const arrivals = rows.flatMap(arrivalsOf).filter(({ identity }) => !badOnes.has(identity));
  await rejects.arrived([...arrivals, ...(await storedSince(context, collection, bad))]);
  return counts;
}

/**
 * Those of which a later version is stored: whoever brings a rejected row late must not open
 * what has been over for long.
 */
async function storedSince(
  context: SyncContext,
  collection: mongo.Collection<RowDocument>,
  bad: readonly RejectedRow[],
): Promise<Arrival[]> {
  if (bad.length === 0) return [];
  const rejectedMs = new Map(bad.map(({ identity, modifiedMs }) => [identity, modifiedMs]));
  const stored = { _id: { $in: [...rejectedMs.keys()] } };
  const found = await withRetry(() => collection.find(stored).toArray(), context);
  return found
    .map((document) => ({
      identity: document._id,
      modifiedMs: document._lake.modifiedAt.getTime(),
      ...('deletedAt' in document._lake && { deletedKey: storedSerialKey(document) }),
    }))
    .filter(({ identity, modifiedMs }) => modifiedMs > (rejectedMs.get(identity) ?? modifiedMs));
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

function refused({ id, modifiedMs, raw }: DecodedRow, message: string): RejectedRow {
  const shown = message.slice(0, 300);
  return { identity: id, reason: 'write_refused', column: '', message: shown, modifiedMs, raw };
}

/** A row may have been rejected under its surrogate key, when a part of its key was missing. */
function arrivalsOf({ id, surrogate, modifiedMs, deleted, serialKey }: DecodedRow): Arrival[] {
  const version = { modifiedMs, ...(deleted && { deletedKey: serialKey }) };
  return [id, surrogate].map((identity) => ({ identity, ...version }));
}
