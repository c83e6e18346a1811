import { randomUUID } from 'node:crypto';
import type { RawRequest } from '../raw-request.js';

const MINUTE_MS = 60_000;

/**
 * Whoever calls a scheduled function here, it sees what the platform's clock sends: deployed
 * it has no URL.
 */
export function scheduledRequest(request: RawRequest): RawRequest {
  const replaced = new Set(['user-agent', 'x-nf-event', 'content-type', 'content-length']);
  const next = { next_run: new Date(Date.now() + MINUTE_MS).toISOString() };
  return {
    ...request,
    method: 'POST',
    headers: [
      ...request.headers.filter(([name]) => !replaced.has(name)),
      ['user-agent', 'Netlify Clockwork'],
      ['x-nf-event', 'schedule'],
      ['content-type', 'application/json'],
    ],
    body: request.body ?? new TextEncoder().encode(JSON.stringify(next)),
  };
}

/** A call by the clock itself. */
export function clockRequest(name: string, siteUrl: string): RawRequest {
  const url = new URL(`${siteUrl}/.netlify/functions/${name}`);
  const requestId = randomUUID();
  return {
    ...{ url, method: 'POST', headers: [['x-nf-request-id', requestId]], body: undefined },
    ...{ ip: '127.0.0.1', requestId },
  };
}
