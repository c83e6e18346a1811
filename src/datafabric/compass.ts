import type { Clock } from '../clock.js';
import { AppError, isQuotaRefusal, toAppError } from '../errors/app-error.js';
import type { Gateway } from '../ion/gateway.js';
import type { CallOptions } from '../ion/time-limit.js';
import { type QueryStatus, queryFailed } from './compass-answers.js';
import { type CompassCalls, createCompassCalls } from './compass-calls.js';
import { type Quota, withQuota } from './quota.js';
import { EMPTY_PAGE_PAUSE_MS, readPage } from './result-pages.js';
import { type ResultTotals, sameTotals, takeTotals } from './result-totals.js';
import type { Row } from './rows.js';

export interface WaitOptions extends CallOptions {
  /** When the query was submitted, epoch milliseconds. */
  readonly submittedAt: number;
  /**
   * Epoch milliseconds after which the state of a running query is not requested again. Unlike the
   * deadline it aborts no call, and the first call is always made.
   */
  readonly waitUntil?: number;
}

export type EndedOrRunning = Extract<QueryStatus, { state: 'finished' | 'running' }>;

export interface Compass extends CompassCalls {
  /**
   * Waits until the query has finished, or until the deadline, `waitUntil` or the signal ends the
   * wait: then it returns `running`, and the wait can be continued later.
   * @throws AppError OUT_OF_TIME if the lake refused the calls for its quota until then,
   *   LAKE_QUERY_FAILED with Infor's reason, LAKE_QUERY_CANCELED, LAKE_QUERY_SLOW
   *   60 minutes after `submittedAt`, LAKE_RESULT_LOST
   */
  waitUntilEnded(queryId: string, options: WaitOptions): Promise<EndedOrRunning>;
  /**
   * All rows of a finished query with a small result. It ends at the result totals or, if the rows
   * state none, at an empty page that stays empty.
   * @throws AppError LAKE_RESULT_LOST; LAKE_RESULT_UNPROVEN if the rows don't match the totals
   */
  allRows(queryId: string, options?: CallOptions): Promise<SmallResult>;
  /**
   * Submits a query with a small result, waits for it, and reads all its rows.
   * @throws AppError as waitUntilEnded and allRows do; OUT_OF_TIME if it has not finished by the
   *   deadline
   */
  query(sql: string, options?: CallOptions): Promise<SmallResult>;
}

export interface SmallResult {
  readonly rows: readonly Row[];
  /** The result itself states that these are all its rows. */
  readonly proven: boolean;
}

// The lake stops a query after this time (Infor's limit).
const QUERY_LIMIT_MS = 60 * 60_000;
const POLL_SECONDS = 25;
// The pauses between calls if the lake answers at once instead of delaying its answer: they double
// from the first to the longest.
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
// For this long after the start of a query a 404 is retried: parts of the lake may not know it yet.
const YOUNG_MS = 10_000;
const YOUNG_PAUSE_MS = 1_000;
// Kept free before the deadline for the transfer of the last answer.
const RESERVE_MS = 500;
const SMALL_PAGE_ROWS = 10_000;

interface CompassOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  /** Shared by all callers for the tenant; without it a call that is answered 429 fails at once. */
  readonly quota?: Quota;
  /** Milliseconds to wait before an empty page is requested again; default 3 s. */
  readonly emptyPagePauseMs?: number;
  /** Milliseconds after its start for which the lake may not know a query yet; default 10 s. */
  readonly youngMs?: number | undefined;
}

/** Compass with the operations that wait for a query and read its whole result. */
export function createCompass(options: CompassOptions): Compass {
  const { gateway, clock, quota, emptyPagePauseMs = EMPTY_PAGE_PAUSE_MS } = options;
  const { youngMs = YOUNG_MS } = options;
  const bare = createCompassCalls(gateway);
  const calls = quota ? withQuota(bare, quota) : bare;

  async function waitUntilEnded(
    queryId: string,
    { submittedAt, waitUntil = Number.POSITIVE_INFINITY, ...limits }: WaitOptions,
  ): Promise<EndedOrRunning> {
    const { deadline = Number.POSITIVE_INFINITY, signal } = limits;
    const until = Math.min(deadline, waitUntil);
    // The clock of `submittedAt` may have been ahead; that must not make the query young for longer.
    const since = Math.min(submittedAt, clock.now());
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const asked = clock.now();
      if (asked >= deadline || signal?.aborted) return RUNNING;
      const waitSeconds = Math.min(POLL_SECONDS, Math.floor((until - asked - RESERVE_MS) / 1000));
      // A call aborted by the deadline or the signal says nothing about the query.
      const cutOff = (thrown: unknown) => isCutOff(thrown, clock.now(), limits);
      const isYoung = asked - since < youngMs;
      const status = await calls
        .status(queryId, { ...limits, waitSeconds })
        .catch(async (thrown: unknown) => {
          if (cutOff(thrown)) return RUNNING;
          if (!isYoung || toAppError(thrown).code !== 'LAKE_RESULT_LOST') throw thrown;
          await clock.sleep(Math.min(YOUNG_PAUSE_MS, emptyPagePauseMs), signal);
          return RUNNING;
        });
      if (status.state === 'finished') return status;
      if (status.state === 'failed') {
        // The reason is worth a call, even a later one if time is up; but a failure to get it must
        // not hide that the query failed.
        const errorTable = await calls
          .page(queryId, { ...limits, offset: 0, limit: 100 })
          .catch((thrown: unknown) => (cutOff(thrown) ? undefined : []));
        if (!errorTable) return RUNNING;
        throw queryFailed(queryId, errorTable);
      }
      if (status.state === 'canceled') throw queryError('LAKE_QUERY_CANCELED', queryId);
      const now = clock.now();
      if (now - since >= QUERY_LIMIT_MS) throw queryError('LAKE_QUERY_SLOW', queryId);
      if (now >= waitUntil) return RUNNING;
      await clock.sleep(Math.max(0, Math.min(asked + pauseMs, until) - now), signal);
    }
  }

  async function allRows(queryId: string, limits: CallOptions = {}): Promise<SmallResult> {
    const reader = { compass: calls, clock, emptyPagePauseMs };
    const rows: Row[] = [];
    let stated: ResultTotals | undefined;
    while (stated === undefined || rows.length < stated.rows) {
      const isFirst = rows.length === 0;
      const place = { offset: rows.length, limit: SMALL_PAGE_ROWS, total: stated?.rows, isFirst };
      const page = takeTotals(await readPage(reader, queryId, { ...limits, ...place }));
      if (page.rows.length === 0) break;
      stated ??= page.stated;
      const isOther = stated && page.stated && !sameTotals(stated, page.stated);
      if (page.contradictory || isOther) throw queryError('LAKE_RESULT_UNPROVEN', queryId);
      rows.push(...page.rows);
    }
    if (stated && rows.length !== stated.rows) throw queryError('LAKE_RESULT_UNPROVEN', queryId);
    return { rows, proven: stated !== undefined };
  }

  async function query(sql: string, limits: CallOptions = {}): Promise<SmallResult> {
    const submittedAt = clock.now();
    const queryId = await calls.submit(sql, limits);
    const { state } = await waitUntilEnded(queryId, { ...limits, submittedAt });
    if (state === 'running') {
      throw new AppError('OUT_OF_TIME', 'The query did not finish in time.');
    }
    return allRows(queryId, limits);
  }

  return { ...calls, waitUntilEnded, allRows, query };
}

const RUNNING = { state: 'running' } as const;

function isCutOff(
  thrown: unknown,
  now: number,
  { deadline = Number.POSITIVE_INFINITY, signal }: CallOptions,
): boolean {
  const { code, retriable } = toAppError(thrown);
  if (isQuotaRefusal(thrown)) return false;
  return retriable && (code === 'OUT_OF_TIME' || now >= deadline - RESERVE_MS || !!signal?.aborted);
}

function queryError(
  code: 'LAKE_QUERY_CANCELED' | 'LAKE_QUERY_SLOW' | 'LAKE_RESULT_UNPROVEN',
  queryId: string,
): AppError {
  return new AppError(code, undefined, {
    details: [{ message: 'The query in the lake.', queryId }],
  });
}
