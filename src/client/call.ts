import { ConnectionError, LoginPageError, SyncError } from './errors.js';
import type { Call, ClientOptions } from './public.js';

/** A function of the backend ends after 60 s: what takes longer is lost. */
const ANSWER_MS = 75_000;

type Body = Readonly<Record<string, unknown>>;

/** Sends one call. @throws SyncError, LoginPageError, ConnectionError, and the reason of its signal */
export async function send(
  options: ClientOptions,
  name: string,
  call: Call = {},
): Promise<unknown> {
  const url = urlOf(options, name, call);
  call.signal?.throwIfAborted();
  const init = await initOf(options, call);
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

/** What comes in place of an answer: a page of the platform, or what a proxy says of its own trouble. */
function unreadable(url: string, response: Response, text: string): Error {
  const { status } = response;
  const isPage = /html/i.test(response.headers.get('content-type') ?? '') || /^\s*</.test(text);
  if (isPage && status < 500) return new LoginPageError(url, status);
  return new ConnectionError(url, new Error(`HTTP ${status} without a readable body`));
}

/** `Retry-After` is a number of seconds or a date. */
function retryAfterMs({ headers }: Response): number | undefined {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** The answer as the object that it has to be. @throws ConnectionError: it is of something else */
export function answerWith<T>(answer: unknown, names: readonly string[]): T {
  const fields = answer as Body;
  if (names.some((name) => fields[name])) return answer as T;
  throw new ConnectionError('The backend', new Error(`an answer without ${names.join(' and ')}`));
}
