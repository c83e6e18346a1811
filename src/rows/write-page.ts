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

/** Documents of one bulk write: few enough that it stays far below MongoDB's 48 MB message. */
const BATCH_ROWS = 1_000;
/** Bulk writes under way at once: one is prepared while MongoDB works on the other. */
const LANES = 2;

/** What becoming of rows needs from outside. */
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
  /** Left out where the rows are not read by a run. */
  readonly jobId?: string;
  /** What most of the rows probably are. */
  readonly expected: Expected;
  /** Under which columns that no definition knows are stored. */
  readonly storedNames?: readonly string[];
  /** What is known of columns beside the definition. */
  readonly kinds?: KindSources;
  /** What the run has met so far. */
  readonly columns?: readonly ColumnCounts[];
}

/** @param budget of the rows' writes; everything else has that of the context's store */
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

/** A page's rows, each of them in one of the lists. */
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

/** What became of a page's rows. */
interface WrittenPage {
  /** The five-way sum is the page's length. */
  readonly counts: RowCounts;
  readonly contested: readonly ContestedRow[];
}

/**
 * Writes one page: keeps the rows that can't be stored, or not all of them, as rejects, and sends
 * guarded writes, one for each key at a time. Can be repeated with the same rows at any time.
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

  // Deletes first: a live row takes the place of a deleted one, not that of another live one.
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

/** Does the work for each, a few at a time. A failure ends it, once all that was begun is over. */
async function inLanes<T>(all: Generator<T>, work: (one: T) => Promise<void>): Promise<void> {
  // Leaving the loop by a failure ends the generator, and so the other lanes.
  const lane = async () => {
    for (const one of all) await work(one);
  };
  const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * Those of which a later version is stored, and all of it: a worker that brings a rejected row
 * late must not open what has been over for long.
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
 * A row may have been rejected under its surrogate key, when a part of its key was missing. One
 * with unreadable values has arrived as far as that is concerned only.
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
