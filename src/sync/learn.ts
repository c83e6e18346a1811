import type { EndedOrRunning } from '../datafabric/compass.js';
import { columnsQuery, deleteFlagQuery, FLAG_COLUMNS } from '../datafabric/query-builder.js';
import { integerOf } from '../datafabric/result-totals.js';
import type { Row } from '../datafabric/rows.js';
import { type AppError, toAppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { LakeObjectFacts, SyncJob } from '../models/sync-job.js';
import { DELETED_VALUES } from '../rows/delete-flag.js';
import type { TableDefinition } from '../tables/table.js';
import type { SyncContext } from './context.js';
import { finished, onlyRow, submit } from './lake-query.js';
import { rangeOf } from './query-scope.js';
import { isStatementRefusal } from './statement-refusal.js';
import type { Step, StepResult } from './step.js';

type Finished = Extract<EndedOrRunning, { state: 'finished' }>;
type Learned = NonNullable<SyncJob['learned']>;

/**
 * Learns the object's columns, and whether its delete flag can be trusted, before anything is
 * counted or read:
 * 1. the columns of the view with deleted rows, by a statement that returns no row; those of the
 *    plain view if the lake refuses that statement or lists no column;
 * 2. if the flag is among them: whether as many rows are live by the flag as the plain view has.
 *    A flag that disagrees twice is not maintained.
 *
 * What the lake does not state stays unknown, and the run uses what earlier runs have learned.
 */
export async function learn(step: Step): Promise<StepResult> {
  const learned = step.session.job.learned ?? {};
  const flagColumn = learned.flagColumn ?? flagOf(step.table, learned.columns ?? []);
  if (learned.columns || learned.inRows) {
    return flagColumn ? checkFlag(step, learned, flagColumn) : conclude(step, learned, 'not_told');
  }
  const view = learned.plain ? 'plain' : 'deleted';
  const statement = columnsQuery(step.table.object, view, learned.plain ? 1 : 0);
  const answer = await ask(step, statement);
  if (answer === 'pause') return 'pause';
  const columns = 'refused' in answer ? undefined : answer.ended.columns;
  if (columns) {
    // The plain view has no deleted rows, so it shows no deletes, whatever its columns are.
    if (learned.plain) return conclude(step, { ...learned, columns: [...columns] }, 'not_told');
    return goOn(step, { ...learned, columns: [...columns] });
  }
  return learned.plain ? unknown(step) : goOn(step, { ...learned, plain: true });
}

async function checkFlag(step: Step, learned: Learned, flagColumn: string): Promise<StepResult> {
  const { session, table } = step;
  const { filter } = rangeOf(session.job);
  const statement = deleteFlagQuery(
    table.object,
    { whseids: filter.whseids },
    flagColumn,
    DELETED_VALUES,
  );
  const answer = await ask(step, statement);
  if (answer === 'pause') return 'pause';
  const isRefused = 'refused' in answer;
  const row = isRefused ? undefined : await flagAnswer(step, answer.queryId);
  if (!row && !isRefused && !learned.unread) {
    return goOn(step, { ...learned, flagColumn, unread: true });
  }
  // If the lake refuses the statement, its flag is trusted, as its documentation says, unless an
  // earlier answer contradicted it. An answer without numbers is no contradiction.
  const isKnownBad = session.job.lakeObject?.deletes === 'not_maintained';
  if (!row) return conclude(step, learned, isKnownBad ? 'not_maintained' : 'told');
  if (isMaintained(row) !== false) return conclude(step, learned, 'told');
  return learned.differed
    ? conclude(step, learned, 'not_maintained')
    : goOn(step, { ...learned, flagColumn, differed: true });
}

/** Errors of an answer that can't be read, besides refusals of its page. */
const UNREAD: readonly ErrorCode[] = ['LAKE_RESULT_LOST', 'LAKE_BAD_ANSWER'];

/** @returns undefined if the query has ended and its answer can't be read */
async function flagAnswer(step: Step, queryId: string): Promise<Row | undefined> {
  try {
    return await onlyRow(step, queryId);
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (!isStatementRefusal(code) && !UNREAD.includes(code)) throw thrown;
    return undefined;
  }
}

type Answer =
  | { readonly ended: Finished; readonly queryId: string }
  | { readonly refused: AppError };

async function ask(step: Step, statement: string): Promise<Answer | 'pause'> {
  try {
    const query = step.session.job.probeQuery ?? (await submit(step, 'probeQuery', statement));
    const ended = await finished(step, query);
    return ended ? { ended, queryId: query.id } : 'pause';
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!isStatementRefusal(error.code)) throw thrown;
    return { refused: error };
  }
}

async function goOn({ session }: Step, learned: Learned): Promise<StepResult> {
  await session.save({ learned, probeQuery: undefined });
  return 'next';
}

/** The lake lists no columns: what was known stays, and the columns show in the rows. */
async function unknown({ session }: Step): Promise<StepResult> {
  const over = { learned: undefined, probeQuery: undefined };
  await session.save({ phase: 'counting', hasLearned: true, ...over });
  return 'next';
}

async function conclude(
  { context, session }: Step,
  { columns = [], inRows }: Learned,
  deletes: LakeObjectFacts['deletes'],
): Promise<StepResult> {
  const { job } = session;
  // The run came here because a plain result showed the flag.
  const isPlainOnly = deletes === 'not_told' && job.switched === true && !job.deleteFlag;
  const facts: LakeObjectFacts = { columns, deletes: isPlainOnly ? 'plain_only' : deletes };
  const isTold = deletes === 'told';
  // Deletes from before the flag appeared are older than the watermark: only a full run reads them.
  const isNew = isTold && !job.deleteFlag && job.mode === 'incremental';
  const deleteFlag = isTold && !(await isUntouched(context, job));
  await session.save({
    phase: 'counting',
    hasLearned: true,
    learned: undefined,
    probeQuery: undefined,
    // Columns seen only in rows are not a complete list.
    ...(!inRows && { lakeObject: facts }),
    deleteFlag,
    ...(isNew && {
      mode: 'full',
      modeReason: 'delete_flag_appeared',
      range: {},
      window: undefined,
    }),
  });
  return 'next';
}

/**
 * Whether no stored row can have been deleted in the lake, now or soon: after a run that failed or
 * was canceled, a suspended worker of it may still write a page.
 */
async function isUntouched(context: SyncContext, job: SyncJob): Promise<boolean> {
  const { tableId, mode, watermarkBefore } = job;
  // A watermark whose rows are gone was dropped at the start (`outlivedFacts`).
  if (mode !== 'full' || watermarkBefore) return false;
  return (
    (await context.store.rows(tableId).isEmpty()) &&
    !(await context.store.jobs.hasOtherFailure(job))
  );
}

/** The delete flag among column names, as the lake spells it. */
export function flagOf(table: TableDefinition, columns: readonly string[]): string | undefined {
  return columns.find((name) => table.columns[name.toUpperCase()] === 'deleteFlag');
}

/** @returns undefined if the answer does not say */
function isMaintained(row: Row): boolean | undefined {
  const byName = new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
  const [plain, unflagged] = [FLAG_COLUMNS.plain, FLAG_COLUMNS.unflagged].map((name) =>
    integerOf(byName.get(name) ?? ''),
  );
  return plain === undefined || unflagged === undefined ? undefined : plain === unflagged;
}
