import { send } from '../../src/client/call.js';
import type { Call, ClientOptions } from '../../src/client/public.js';
import { failureOf, needsSignIn } from './failure.js';
import { refusal, token } from './session.js';

/** Netlify sends visitors of a private project to its login, on an origin that can't be read. */
const withoutRedirects: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('application/x-ndjson')) return asList(response);
  if (response.type !== 'opaqueredirect') return response;
  return new Response('<html>', { status: 401, headers: { 'Content-Type': 'text/html' } });
};

/** An export, one object per line, as the list that the client expects. */
async function asList(response: Response): Promise<Response> {
  const lines = (await response.text()).split('\n').filter(Boolean);
  return new Response(`[${lines.join()}]`, { status: response.status });
}

/** Of the client's call alone: the page watches runs by its own polling. */
const CLIENT: ClientOptions = { token: () => token.value ?? undefined, fetch: withoutRedirects };

/**
 * Sends one request. If it fails for want of a token, the page asks for one.
 * @throws Failure, or the reason of `signal` once that is aborted
 */
export async function call<T>(endpoint: string, options: Call = {}): Promise<T> {
  try {
    // What an endpoint answers is its contract's, as with the client's own `call`.
    return (await send(CLIENT, endpoint, options)) as T;
  } catch (error) {
    options.signal?.throwIfAborted();
    const failure = failureOf(error);
    if (needsSignIn(failure)) refusal.value = failure;
    throw failure;
  }
}

/** A key under which a request can be sent again without being carried out twice. */
export function newKey(): Readonly<Record<string, string>> {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { 'Idempotency-Key': key };
}

/** The header by which a change is made only if nobody else has made one since. */
export function ifMatch(revision: number): Readonly<Record<string, string>> {
  return { 'If-Match': `"${revision}"` };
}
