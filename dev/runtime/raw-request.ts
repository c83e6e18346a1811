import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A request that is read whole, so that a background function can get it more than once. */
export interface RawRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Reads a request.
 * @returns undefined where the body is longer than `maxBytes`.
 * @throws TypeError where host and path make no URL.
 */
export async function readRequest(
  incoming: IncomingMessage,
  maxBytes: number,
): Promise<RawRequest | undefined> {
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? '127.0.0.1'}`);
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  // What the platform adds, and functions-dev takes the caller's address from.
  headers.set('x-forwarded-for', incoming.socket.remoteAddress ?? '');
  headers.set('x-nf-request-id', randomUUID());

  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    // Read to the end all the same: a caller that still sends would not see the answer.
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) return undefined;
  const method = incoming.method ?? 'GET';
  const body = bytes > 0 ? new Uint8Array(Buffer.concat(chunks)) : undefined;
  return { url, method, headers, body };
}

export function toRequest({ url, method, headers, body }: RawRequest): Request {
  const withBody = body && method !== 'GET' && method !== 'HEAD';
  return new Request(url, { method, headers, ...(withBody ? { body } : {}) });
}
