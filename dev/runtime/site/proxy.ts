import { type Answer, errorAnswer } from '../answer.js';
import type { RawRequest } from '../raw-request.js';
import type { Redirect } from './redirects.js';

/** The platform waits no longer for another site. */
const TIMEOUT_MS = 26_000;
const NOT_PASSED_ON = new Set([
  ...['host', 'connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
]);
/** The body is decoded when it gets here. */
const NOT_PASSED_BACK = new Set(['content-encoding', 'content-length']);

/** Has another site answer, as a redirect to a URL with status 200 asks for. */
export async function proxy({ target, headers }: Redirect, request: RawRequest): Promise<Answer> {
  const { method, body } = request;
  const sent = new Headers();
  for (const [name, value] of request.headers) {
    if (!NOT_PASSED_ON.has(name)) sent.append(name, value);
  }
  for (const [name, value] of Object.entries(headers)) sent.set(name, value);
  const withBody = body && method !== 'GET' && method !== 'HEAD';
  try {
    const response = await fetch(target, {
      method,
      headers: sent,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(withBody && { body }),
    });
    return {
      status: response.status,
      headers: [...response.headers].filter(([name]) => !NOT_PASSED_BACK.has(name)),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return errorAnswer(502, 'PROXY_FAILED', `${target.origin} cannot be reached: ${cause}`);
  }
}
