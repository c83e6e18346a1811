import type { Clock } from '../clock.js';
import type { IonCredentials } from '../config/ion-credentials.js';
import { AppError } from '../errors/app-error.js';
import { type RetryOptions, type RetryPolicy, retry } from '../errors/retry.js';
import { excerpt, keepSecret } from '../security/outside-text.js';
import { answerError } from './answer-error.js';
import type { Http, HttpAnswer } from './http.js';
import { keepCredentials } from './keep-credentials.js';
import type { CallOptions } from './time-limit.js';
import type { TokenSource } from './token-source.js';

export interface GatewayRequest extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `{gateway}/{tenant}/`, e.g. `DATAFABRIC/compass/v2/jobs/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>> | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  /** Default `application/json`. */
  readonly accept?: string | undefined;
  /** For one attempt, in milliseconds; default 55 s, at most 59 s. */
  readonly timeoutMs?: number | undefined;
  /** Of failures that the policy would have tried again: which ones are. */
  readonly isRepeated?: RetryOptions['isRepeated'];
  /** The statuses that are answers; every other one is an error. */
  readonly expect: readonly number[];
}

export interface Gateway {
  /**
   * Calls an API of the tenant, again and again as the retry policy says. If the gateway refuses
   * the token at hand, the stored one is tried, and then one new token. `read` makes the result out of the answer; it is
   * part of the attempt, so a LAKE_BAD_ANSWER from it is retried.
   * @throws AppError LAKE_TIMEOUT, LAKE_SERVER_ERROR, LAKE_UNREACHABLE after the last attempt;
   *   LAKE_QUOTA, LAKE_REFUSED (other statuses), ION_TOKEN_REFUSED, ION_AUTH_REFUSED at once;
   *   what `read` throws
   */
  request<T>(request: GatewayRequest, read: (answer: HttpAnswer) => T): Promise<T>;
}

interface GatewayOptions {
  readonly credentials: IonCredentials;
  readonly tokens: TokenSource;
  readonly http: Http;
  readonly clock: Clock;
  readonly policy: RetryPolicy;
  readonly onRetry?: RetryOptions['onRetry'];
}

// The gateway itself gives up after 60 s (Infor's documentation): we are to be first.
const DEFAULT_TIMEOUT_MS = 55_000;
const LONGEST_TIMEOUT_MS = 59_000;
/** That of the token at hand, and that of the stored one. */
const MOST_REFUSALS = 2;

export function createGateway(options: GatewayOptions): Gateway {
  const { credentials, tokens, http, clock, policy, onRetry } = options;
  const { host } = new URL(credentials.apiUrl);

  async function call(request: GatewayRequest, token: string): Promise<HttpAnswer> {
    const { method, body, contentType, accept = 'application/json', signal } = request;
    return http({
      method,
      url: urlOf(credentials, request),
      headers: {
        accept,
        authorization: `Bearer ${token}`,
        ...(contentType !== undefined && { 'content-type': contentType }),
      },
      body,
      timeoutMs: timeoutOf(request, clock.now()),
      signal,
    });
  }

  async function attempt<T>(request: GatewayRequest, read: (answer: HttpAnswer) => T): Promise<T> {
    keepCredentials(credentials);
    let token = await tokens.get(request);
    keepSecret(token);
    let answer = await call(request, token);
    for (let refusals = 1; answer.status === 401; refusals++) {
      const isOwn = tokens.refused(token);
      // The store may hold another one that has been revoked, too.
      if (refusals > MOST_REFUSALS || (refusals > 1 && isOwn)) break;
      token = await tokens.get(request);
      keepSecret(token);
      answer = await call(request, token);
    }
    if (request.expect.includes(answer.status)) return read(answer);
    const text = excerpt(answer.body);
    if (answer.status === 401) {
      throw new AppError('ION_TOKEN_REFUSED', undefined, { details: [{ message: text, host }] });
    }
    throw answerError(answer, { host, now: clock.now(), text });
  }

  return {
    request: (request, read) =>
      retry(() => attempt(request, read), {
        policy,
        clock,
        deadline: request.deadline,
        signal: request.signal,
        // A quota is the whole tenant's: when to go on is for those to say who share it
        // (datafabric/quota.ts).
        isRepeated: (error, attempts) =>
          error.code !== 'LAKE_QUOTA' && (request.isRepeated?.(error, attempts) ?? true),
        ...(onRetry && { onRetry }),
      }),
  };
}

function urlOf({ apiUrl, tenant }: IonCredentials, { path, query = {} }: GatewayRequest): string {
  const url = new URL(`${apiUrl}/${tenant}/${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}

function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS, deadline }: GatewayRequest, now: number) {
  return Math.min(
    timeoutMs,
    LONGEST_TIMEOUT_MS,
    deadline === undefined ? Infinity : deadline - now,
  );
}
