import { AppError } from '../errors/app-error.js';
import type { Gateway, GatewayRequest } from '../ion/gateway.js';
import type { HttpAnswer } from '../ion/http.js';
import type { CallOptions } from '../ion/time-limit.js';
import { type QueryStatus, readQueryId, readStatus } from './compass-answers.js';
import { isNoList, isUnreadableList, parseRows, type Row } from './rows.js';

/** The most rows per page (Infor's limit; the other one is 10 MB). */
export const MAX_PAGE_ROWS = 100_000;

export interface PageOptions extends CallOptions {
  /** Rows to skip, from the beginning of the whole result. */
  readonly offset: number;
  /** Rows wanted, 1 to MAX_PAGE_ROWS; a page may be shorter although more follow. */
  readonly limit: number;
  /**
   * The offset may be past the last row. Infor does not document the answer to that: 400, 404, 410,
   * 416 and anything that is not a list of rows then count as an empty page.
   */
  readonly mayBeEnd?: boolean;
  /** How often an unreadable list of rows is requested; default 3. */
  readonly readings?: number | undefined;
}

/**
 * The calls of Compass, the lake's query service (API version 2). Each is retried by the gateway's
 * policy and throws what the gateway throws, LAKE_QUOTA without a retry. A result is frozen once
 * its query has finished, and kept for about 20 hours.
 */
export interface CompassCalls {
  /** Whether Compass answers. */
  ping(options?: CallOptions): Promise<void>;
  /**
   * Submits a query and returns its id. If the answer is lost and the call retried, a query whose
   * result nothing reads is left in the lake.
   */
  submit(sql: string, options?: CallOptions): Promise<string>;
  /**
   * The query's state; the lake may delay its answer for `waitSeconds` (0 … 25) while the query
   * runs (long polling).
   * @throws AppError LAKE_RESULT_LOST if the lake does not know the query
   */
  status(
    queryId: string,
    options?: CallOptions & { readonly waitSeconds?: number },
  ): Promise<QueryStatus>;
  /**
   * One page of the result; rows beyond `limit` are cut off. The caller has to find out what an
   * empty page means (`readPage`).
   * @throws AppError LAKE_RESULT_LOST if the result has expired or the query is unknown
   */
  page(queryId: string, options: PageOptions): Promise<Row[]>;
  /** Asks the lake to stop a query; that it has ended already is no error. */
  cancel(queryId: string, options?: CallOptions): Promise<void>;
}

const BASE = 'DATAFABRIC/compass/v2';
const LONGEST_WAIT_SECONDS = 25;
// How much longer than its waiting time a long poll may take.
const STATUS_SLACK_MS = 20_000;
/** A truncated transfer succeeds when retried; a row that makes its list unreadable never does. */
const READINGS = 3;
const GONE = [404, 410];
const PAST_THE_END = [400, ...GONE, 416];

export function createCompassCalls(gateway: Gateway): CompassCalls {
  const jobPath = (queryId: string, call: string) =>
    `${BASE}/jobs/${encodeURIComponent(queryId)}/${call}/`;
  const askOfQuery = <T>(
    queryId: string,
    request: GatewayRequest,
    read: Parameters<typeof gateway.request<T>>[1],
  ) =>
    gateway.request(request, (answer) => {
      if (!GONE.includes(answer.status) && answer.status !== 416) return read(answer);
      throw new AppError('LAKE_RESULT_LOST', undefined, {
        details: [{ message: `Compass answered with status ${answer.status}.`, queryId }],
      });
    });

  return {
    ping: ({ deadline, signal } = {}) =>
      gateway.request(
        { method: 'GET', path: `${BASE}/ping`, accept: '*/*', expect: [200], deadline, signal },
        () => undefined,
      ),
    submit: (sql, { deadline, signal } = {}) =>
      gateway.request(
        {
          method: 'POST',
          path: `${BASE}/jobs/`,
          body: sql,
          contentType: 'text/plain',
          expect: [200, 201, 202],
          deadline,
          signal,
        },
        readQueryId,
      ),
    status: (queryId, { waitSeconds = 0, deadline, signal } = {}) => {
      const timeout = Math.min(Math.max(Math.floor(waitSeconds), 0), LONGEST_WAIT_SECONDS);
      return askOfQuery(
        queryId,
        {
          method: 'GET',
          path: jobPath(queryId, 'status'),
          query: { timeout },
          timeoutMs: timeout * 1000 + STATUS_SLACK_MS,
          expect: [200, 201, 202, ...GONE],
          deadline,
          signal,
        },
        readStatus,
      );
    },
    async page(
      queryId,
      { offset, limit, mayBeEnd = false, readings = READINGS, deadline, signal },
    ) {
      const request: GatewayRequest = {
        method: 'GET',
        path: jobPath(queryId, 'result'),
        query: { offset, limit },
        expect: [200, 204, ...(mayBeEnd ? PAST_THE_END : [...GONE, 416])],
        isRepeated: (error, attempt) => !isUnreadableList(error) || attempt < readings,
        deadline,
        signal,
      };
      const read = ({ status, body, headers }: HttpAnswer) =>
        status === 204 ? [] : parseRows(body, headers['content-type'], { isSingle: limit === 1 });
      const rows = mayBeEnd
        ? await gateway.request(request, (answer) => {
            const { status, body, headers } = answer;
            const isEnd = PAST_THE_END.includes(status) || isNoList(body, headers['content-type']);
            return isEnd ? [] : read(answer);
          })
        : await askOfQuery(queryId, request, read);
      return rows.length > limit ? rows.slice(0, limit) : rows;
    },
    cancel: (queryId, { deadline, signal } = {}) =>
      gateway.request(
        {
          method: 'PUT',
          path: jobPath(queryId, 'cancel'),
          // The answer for a query that has ended is not documented; it can only be a refusal.
          expect: [200, 201, 202, 204, 400, 409, ...GONE],
          deadline,
          signal,
        },
        () => undefined,
      ),
  };
}
