import { isLoopback } from '../../src/config/loopback.js';
import type { ApiReply } from './api-reply.js';
import { Failure } from './failure.js';

export interface ApiRequest {
  /** Default: POST with a body, else GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Calls the functions of one deployment. */
export interface ApiClient {
  readonly url: string;
  /** @throws Failure where no answer comes; an error answer is a reply like any other. */
  call(name: string, request?: ApiRequest): Promise<ApiReply>;
}

export interface ClientOptions {
  /** The site, e.g. `https://site.example`; with a path where the functions are elsewhere. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FUNCTIONS = '/.netlify/functions';
/** Longer than the minute that a function has. */
const TIMEOUT_MS = 90_000;

/** @throws Failure for a URL that can't be used */
export function createClient({ url, token, signal }: ClientOptions): ApiClient {
  const base = baseOf(url);
  return {
    url: base,
    async call(name, { method, query = {}, body } = {}) {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      const search = new URLSearchParams(query).toString();
      const target = `${base}/${name}${search && `?${search}`}`;
      try {
        const response = await fetch(target, {
          method: method ?? (body === undefined ? 'GET' : 'POST'),
          headers: {
            ...(token && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          // A followed redirect would turn a POST into a GET.
          redirect: 'manual',
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
        });
        const location = response.headers.get('location');
        // With other answers it names what was made, or what is to be looked at.
        const isRedirect = response.status >= 300 && response.status < 400;
        if (location && isRedirect) throw new Failure(`${base} redirects to ${location}`, USE_THAT);
        const text = await response.text();
        return { status: response.status, text, body: parse(text) };
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof Failure ? error : unreachable(base, error);
      }
    },
  };
}

const USE_THAT = { remedy: 'Give that address as --url.', final: true };

function baseOf(text: string): string {
  if (!URL.canParse(text)) {
    throw new Failure(`${text} is no URL`, { remedy: 'Give one such as https://site.example.' });
  }
  const { protocol, hostname, origin, pathname } = new URL(text);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
    const remedy = 'Use https://: the token would travel readable. http:// is for this machine.';
    throw new Failure(`${origin} can't be used`, { remedy });
  }
  return origin + (pathname === '/' ? FUNCTIONS : pathname.replace(/\/$/, ''));
}

function unreachable(base: string, error: unknown): Failure {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new Failure(`No answer within ${TIMEOUT_MS / 1000} s from ${base}`, { final: true });
  }
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = reason instanceof Error ? reason.message || reason.name : String(reason);
  return new Failure(`${base} can't be reached: ${text}`, {
    remedy: 'Check the address, and that the backend runs.',
    final: true,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
