import type { ColumnCounts, ContestedRow } from '../models/reading.js';
import { noRows, type RowCounts } from '../models/row-counts.js';
import { withoutSecrets } from '../security/outside-text.js';
import type { RowStore } from '../store/rows.js';
import type { RetryBudget, Store } from '../store/store.js';
import type { KindSources } from '../tables/column-kinds.js';
import type { TableRegistry } from '../tables/registry.js';
import type { TableDefinition } from '../tables/table.js';
import { columnsOf } from './column-counts.js';
import { contestedRows } from './contested.js';
import {
  compileDecoder,
  type DecodedRow,
  type Decoder,
  type LakeRow,
  type RejectedRow,
} from './decoder.js';
import { guardedWrite, type WriteRules } from './guarded-write.js';
import { newestOfEachKey } from './newest.js';
import { createRejectLimit, type KeepsReject } from './reject-limit.js';
import { rejectOfFields } from './rejected-row.js';
import { type Arrival, createTableRejects } from './rejects.js';
import { isStoredDelete, isStoredInPart, storedModifiedMs, storedSerialKey } from './stored-row.js';
import { createWriteRows, type Expected, type WriteRows } from './write-rows.js';

/** Rows per bulk write: few enough that it stays far below MongoDB's 48 MB message limit. */
const BATCH_ROWS = 1_000;
/** Concurrent bulk writes: one is prepared while MongoDB works on the other. */
const LANES = 2;

/** What writing rows needs from the caller's context. */
export interface RowsContext {
  readonly store: Store;
  readonly tables: TableRegistry;
}

export interface PageWriter {
  readonly table: TableDefinition;
  readonly rules: WriteRules;
  readonly decoder: Decoder;
  readonly rejects: ReturnType<typeof createTableRejects>;
  /** Whether the reject of a row with unreadable values is kept. */
  readonly keeps: KeepsReject;
  readonly stored: RowStore;
  readonly writeLive: WriteRows;
  readonly writeDeleted: WriteRows;
}

interface PageWriterOptions extends WriteRules {
  readonly tableId: string;
  /** Absent if the rows are not read by a run. */
  readonly jobId?: string;
  /** What most of the rows are expected to be. */
  readonly expected: Expected;
  /** Names under which unknown columns are stored. */
  readonly storedNames?: readonly string[];
  /** What is known of columns besides the definition. */
  readonly kinds?: KindSources;
  /** The run's counts by column so far. */
  readonly columns?: readonly ColumnCounts[];
}

/**
 * The decoder and the writers of one table, for the pages of one slice.
 * @param budget of the rows' writes; everything else has the retry budget of the context's store
 */
export function createPageWriter(
  { store, tables }: RowsContext,
  {
    tableId,
    jobId,
    expected,
    storedNames = [],
    kinds = {},
    columns = [],
    ...rules
  }: PageWriterOptions,
  budget: Partial<RetryBudget> = {},
): PageWriter {
  const table = tables.get(tableId);
  const written = store.within(budget).rows(tableId);
  return {
    table,
    rules,
    decoder: compileDecoder(table, { epoch: rules.epoch, storedNames, kinds }),
    rejects: createTableRejects(store.rejects, tableId, jobId),
    keeps: createRejectLimit(columns),
    stored: store.rows(tableId),
    writeLive: createWriteRows(written, expected),
    writeDeleted: (writes) => written.write(writes),
  };
}

/** A decoded page: each of its rows is in `rows` or in `bad`. */
export interface DecodedPage {
  readonly rows: readonly DecodedRow[];
  readonly bad: readonly RejectedRow[];
  readonly columns: readonly ColumnCounts[];
}

export function decodePage(decoder: Decoder, page: readonly LakeRow[]): DecodedPage {
  const rows: DecodedRow[] = [];
  const bad: RejectedRow[] = [];
  for (const raw of page) {
    const decoded = decoder.decode(raw);
    if (decoded.ok) rows.push(decoded.row);
    else bad.push(decoded.reject);
  }
  return { rows, bad, columns: columnsOf(rows, decoder.takeCounts()) };
}

/** The results of writing a page. */
interface WrittenPage {
  /** created + updated + unchanged + stale + rejected is the page's length. */
  readonly counts: RowCounts;
  readonly contested: readonly ContestedRow[];
}

/**
 * Writes one page: sends guarded writes, at most one per key at a time, and keeps the rows that
 * can't be stored, or only in part, as rejects. Can be repeated with the same rows at any time.
 * @throws AppError MONGODB_*
 */
export async function writePage(writer: PageWriter, page: DecodedPage): Promise<WrittenPage> {
  const { table, rules, rejects, stored } = writer;
  const { rows } = page;
  const bad = [...page.bad];
  const refusedRows = new Set<DecodedRow>();
  const contested: ContestedRow[] = [];
  const { deleted, live, superseded, collisions } = newestOfEachKey(rows);
  const counts: RowCounts = {
    ...noRows(),
    read: rows.length + bad.length,
    stale: superseded,
    collisions,
    rejected: bad.length,
  };

  // Deletes first, since a live row replaces a deleted row, but not another live one.
  for (const group of [...deleted, live]) {
    const write = group === live ? writer.writeLive : writer.writeDeleted;
    await inLanes(batches(group), async (batch) => {
      const result = await write(batch.map((row) => guardedWrite(row, rules)));
      counts.created += result.created;
      counts.updated += result.updated;
      counts.unchanged += result.unchanged;
      counts.stale += result.stale;
      counts.rejected += result.refused.length;
      counts.replayed += result.replayed;
      if (group !== live) counts.deleted += result.created + result.updated;
      for (const { row, message } of result.refused) {
        refusedRows.add(row);
        bad.push(refused(row, message));
      }
      contested.push(...contestedRows(table, result.met, rules.epoch));
    });
  }

  const unreadable = rows.filter((row) => row.unreadable.length > 0 && !refusedRows.has(row));
  counts.unreadable = unreadable.length;
  const kept = [...bad, ...unreadable.filter(writer.keeps).map(rejectOfFields)];
  await rejects.open(kept);
  const storedAlready = await storedSince(stored, kept);
  await rejects.arrived(() => [...arrivalsOf(rows, kept), ...storedAlready]);
  return { counts, contested };
}

function* batches(rows: readonly DecodedRow[]): Generator<readonly DecodedRow[]> {
  for (let at = 0; at < rows.length; at += BATCH_ROWS) yield rows.slice(at, at + BATCH_ROWS);
}

/** Does the work for each, a few at a time. A failure is thrown once all work under way has ended. */
async function inLanes<T>(all: Generator<T>, work: (one: T) => Promise<void>): Promise<void> {
  // A failure that leaves the loop ends the generator, and with it the other lanes.
  const lane = async () => {
    for (const one of all) await work(one);
  };
  const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * Rejected rows of which a later version is stored completely: a late worker must not reopen a
 * reject that was resolved long ago.
 */
async function storedSince(stored: RowStore, bad: readonly RejectedRow[]): Promise<Arrival[]> {
  if (bad.length === 0) return [];
  const rejectedMs = new Map(bad.map(({ identity, modifiedMs }) => [identity, modifiedMs]));
  const found = await stored.findByKeys([...rejectedMs.keys()]);
  return found
    .filter((document) => !isStoredInPart(document))
    .map((document) => ({
      identity: document._id,
      modifiedMs: storedModifiedMs(document) ?? Number.NEGATIVE_INFINITY,
      ...(isStoredDelete(document) && { deletedKey: storedSerialKey(document) }),
    }))
    .filter(({ identity, modifiedMs }) => modifiedMs > (rejectedMs.get(identity) ?? modifiedMs));
}

function refused({ id, modifiedMs, raw }: DecodedRow, message: string): RejectedRow {
  const shown = withoutSecrets(message, 300);
  return { identity: id, reason: 'write_refused', column: '', message: shown, modifiedMs, raw };
}

/**
 * The rows of a page that are now stored. A row may have been rejected under its surrogate key,
 * when a part of its key was missing; a row with unreadable values resolves only such a reject.
 */
function arrivalsOf(rows: readonly DecodedRow[], bad: readonly RejectedRow[]): Arrival[] {
  const badOnes = new Set(bad.map((row) => row.identity));
  return rows
    .flatMap(({ id, surrogate, modifiedMs, deleted, serialKey, unreadable }) => {
      const version = { modifiedMs, ...(deleted && { deletedKey: serialKey }) };
      const identities = unreadable.length > 0 ? [surrogate] : [id, surrogate];
      return identities.map((identity) => ({ identity, ...version }));
    })
    .filter(({ identity }) => !badOnes.has(identity));
}
