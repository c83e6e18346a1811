import { ConnectionError, LoginPageError, SyncError } from './errors.js';
import type { Call, ClientOptions } from './public.js';

/** A function of the backend ends after 60 s: what takes longer is lost. */
const ANSWER_MS = 75_000;

/** Request Timeout, Too Early, Too Many Requests: as transient as a 5xx. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

type Body = Readonly<Record<string, unknown>>;

/**
 * Sends one call.
 * @throws SyncError, LoginPageError, ConnectionError, the reason of its signal, and TypeError for an
 *   address or a header that can't be sent
 */
export async function send(
  options: ClientOptions,
  name: string,
  call: Call = {},
): Promise<unknown> {
  const url = urlOf(options, name, call);
  call.signal?.throwIfAborted();
  const init = await initOf(options, call);
  // What can't be sent at all would look like a lost connection.
  new Request(url, init);
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  let response: Response;
  let text: string;
  try {
    response = await (options.fetch ?? fetch)(url, { ...init, signal });
    text = await response.text();
  } catch (error) {
    call.signal?.throwIfAborted();
    throw new ConnectionError(url, error);
  }
  const body = parse(text);
  if (body === undefined) throw unreadable(url, response, text);
  if (response.ok) return body;
  throw new SyncError(body as Body, response.status, retryAfterMs(response));
}

function urlOf({ baseUrl = '' }: ClientOptions, name: string, { query = {} }: Call): string {
  const search = new URLSearchParams();
  for (const [field, value] of Object.entries(query)) {
    if (value !== undefined) search.set(field, String(value));
  }
  return `${baseUrl.replace(/\/+$/, '')}/.netlify/functions/${name}${search.size > 0 ? `?${search}` : ''}`;
}

async function initOf(
  { token }: ClientOptions,
  { method, body, headers }: Call,
): Promise<RequestInit> {
  const value = typeof token === 'function' ? await token() : token;
  return {
    method: method ?? (body ? 'POST' : 'GET'),
    // The API has none: it is to a login, or to the right address.
    redirect: 'manual',
    headers: {
      Accept: 'application/json',
      ...(body && { 'Content-Type': 'application/json' }),
      ...(value && { Authorization: `Bearer ${value}` }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  };
}

/** The object or the list that a text holds; every answer of the backend is one of them. */
function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What comes in place of an answer: a login or another site, or a proxy's or the platform's own trouble. */
function unreadable(url: string, response: Response, text: string): Error {
  const { status, headers, type } = response;
  const isRedirect = type === 'opaqueredirect' || (status >= 300 && status < 400);
  const isPage = /html/i.test(headers.get('content-type') ?? '') || /^\s*</.test(text);
  // A success whose body is not there has been cut off; a refusal is somebody's answer.
  const isForeign = isRedirect || (status < 500 && (isPage || status >= 400));
  if (isForeign && !PASSING.has(status)) return new LoginPageError(url, status);
  const cause = new Error(`HTTP ${status} without a readable body`);
  return new ConnectionError(url, cause, retryAfterMs(response));
}

/** `Retry-After` is a number of seconds or a date. */
function retryAfterMs({ headers }: Response): number | undefined {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** An answer in JSON that is none of the API's. */
export function withoutRun(): ConnectionError {
  return new ConnectionError('The backend', new Error('an answer without a run'));
}
