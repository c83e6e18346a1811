import type { SmallResult } from '../datafabric/compass.js';
import { dataQuery, type QuerySource, type RowKey } from '../datafabric/query-builder.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { SyncReject } from '../models/sync-reject.js';
import type { LakeRow } from '../rows/decoder.js';
import { keyFinder, rejectKey } from '../rows/reject-key.js';
import { createPageWriter, decodePage, type PageWriter, writePage } from '../rows/write-page.js';
import type { WantedRejects } from '../store/rejects.js';
import type { TableDefinition } from '../tables/table.js';
import { type SyncContext, withBudget } from './context.js';
import { sourceOf } from './query-scope.js';
import { countKeys } from './recount.js';
import { factsOfRows } from './start.js';
import { isStatementRefusal } from './statement-refusal.js';

/** The most rejects per call, so that the statement for all of them stays below 64 KB. */
const MOST = 200;

export interface RetryResult {
  readonly retried: number;
  /** Rows that are now stored. */
  readonly resolved: number;
  /** Rows that still can't be stored; their rejects have the newest reason. */
  readonly stillRejected: number;
  /** Rows that are no longer in the lake. */
  readonly gone: number;
  /** Open rejects that this call did not get to. */
  readonly remaining: number;
}

/**
 * Fetches the lake's current version of rejected rows and writes it as a run would. The rejects
 * that have waited longest come first, so that repeated calls get to all of them.
 * @param wanted which of the open rejects
 * @param callDeadline epoch milliseconds at which queries and retries end
 * @throws CONFIG_NOT_FOUND, UNKNOWN_TABLE, SOURCE_CHANGED; LAKE_*, ION_*, MONGODB_*, OUT_OF_TIME:
 *   rows written before stay written
 */
export async function retryRejects(
  given: SyncContext,
  wanted: WantedRejects,
  callDeadline: number,
): Promise<RetryResult> {
  const context = withBudget(given, { deadline: callDeadline });
  const { rejects } = context.store;
  const [total, batch] = await Promise.all([
    rejects.countOpen(wanted),
    rejects.longestWaiting(wanted, MOST),
  ]);
  let gone = 0;
  for (const [tableId, ofTable] of byTable(batch)) {
    gone += await retryTable(context, context.tables.get(tableId), ofTable, callDeadline);
  }
  const ids = batch.map(({ _id }) => _id);
  await rejects.noteRetried(ids);
  const stillRejected = await rejects.countOpen({ ids });
  return {
    retried: batch.length,
    resolved: batch.length - stillRejected - gone,
    stillRejected,
    gone,
    remaining: Math.max(0, total - batch.length),
  };
}

function byTable(rejects: readonly SyncReject[]): Map<string, SyncReject[]> {
  const tables = new Map<string, SyncReject[]>();
  for (const reject of rejects) {
    const ofTable = tables.get(reject.tableId) ?? [];
    tables.set(reject.tableId, [...ofTable, reject]);
  }
  return tables;
}

/** Retries rejects of one table. @returns how many of the rows are gone from the lake */
async function retryTable(
  context: SyncContext,
  table: TableDefinition,
  rejects: readonly SyncReject[],
  callDeadline: number,
): Promise<number> {
  const { writer, config } = await writerFor(context, table);
  const located = rejects.flatMap(({ identity, raw }) => {
    const key = rejectKey(table, JSON.parse(raw) as LakeRow);
    return key ? [{ identity, key }] : [];
  });
  if (located.length === 0) return 0;
  const source = sourceOf({ ...config, deleteFlag: config.deleteFlag ?? false }, table);
  const { rows, proven } = await rowsOf(
    context,
    source,
    located.map(({ key }) => key),
    config,
    callDeadline,
  );
  await writePage(writer, decodePage(writer.decoder, rows));
  if (!proven) return 0;

  const isThere = keyFinder(table, rows);
  const gone = located.filter(({ key }) => !isThere(key)).map(({ identity }) => identity);
  await context.store.rejects.closeGone(table.tableId, gone);
  return gone.length;
}

/**
 * The lake's present versions of rows. `proven`: these are all of them, by the totals of the result
 * or, if it is empty or has none, by a count after it.
 */
async function rowsOf(
  { lake: { compass } }: SyncContext,
  source: QuerySource,
  keys: readonly RowKey[],
  { totalsRefusedAt }: SyncConfig,
  callDeadline: number,
): Promise<SmallResult> {
  const limits = { deadline: callDeadline };
  const read = (totals: boolean) =>
    compass.query(dataQuery(source, { rows: keys }, {}, { totals }), limits);
  const result =
    totalsRefusedAt === undefined
      ? await read(true).catch((error) => {
          if (isStatementRefusal(toAppError(error).code)) return read(false);
          throw error;
        })
      : await read(false);
  if (result.proven) return result;
  const counted = await countKeys(compass, source, keys, limits);
  return { ...result, proven: counted === result.rows.length };
}

/** Writes as a run of the table's own configuration would. */
async function writerFor(
  context: SyncContext,
  table: TableDefinition,
): Promise<{ writer: PageWriter; config: SyncConfig }> {
  const { store, lake } = context;
  const { tableId } = table;
  const found = await store.configs.find(tableId);
  if (!found) throw new AppError('CONFIG_NOT_FOUND');
  const config = { ...found, ...(await factsOfRows(context, found)) };
  // Another source's row with the same key is another row.
  if (config.sourceHash !== undefined && config.sourceHash !== lake.sourceHash) {
    throw new AppError('SOURCE_CHANGED');
  }
  const deleteMode = config.options.deleteMode ?? 'soft';
  const writer = createPageWriter(context, {
    tableId,
    deleteMode,
    epoch: config.epoch ?? 0,
    expected: 'changed',
    storedNames: config.columnNames ?? [],
    kinds: { configured: config.options.columns, listed: config.listedKinds },
  });
  return { writer, config };
}
