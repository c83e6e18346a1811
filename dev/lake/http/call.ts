import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FindRoute, Route } from './routes.js';

/** One request, read to its end. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Aborted when the client goes away or the lake closes. */
  readonly gone: AbortSignal;
  /** Undefined where no path of the lake fits. */
  readonly route: Route | undefined;
}

export async function readCall(
  request: IncomingMessage,
  response: ServerResponse,
  findRoute: FindRoute,
): Promise<Call> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const url = new URL(request.url ?? '/', 'http://lake');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    gone: left.signal,
    route: findRoute(url.pathname),
  };
}

/** The media type of a request's body, without its parameters. */
export function mediaType(call: Call): string {
  return (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
