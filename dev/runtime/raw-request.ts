import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A request that is read whole, so that a background function can get it more than once. */
export interface RawRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** Of the caller. */
  readonly ip: string;
  readonly requestId: string;
}

/** Why a request is answered before it is looked at: status, code and sentence. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** No `Request` can be made with these; the platform passes none of them on. */
const FORBIDDEN_METHODS = new Set(['CONNECT', 'TRACE', 'TRACK']);
/** A host and a port: anything else in the header would become part of the URL's path. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Reads a request.
 * @throws RequestRefused where it cannot be passed to a function
 * @throws Error where the caller goes away before its end
 */
export async function readRequest(
  incoming: IncomingMessage,
  maxBytes: number,
): Promise<RawRequest> {
  const { method = 'GET' } = incoming;
  if (FORBIDDEN_METHODS.has(method.toUpperCase())) {
    throw new RequestRefused(405, 'METHOD_NOT_ALLOWED', `${method} is not passed to functions.`);
  }
  const url = urlOf(incoming);
  const requestId = randomUUID();
  const ip = incoming.socket.remoteAddress ?? '';
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index]?.toLowerCase() ?? '';
    if (name === 'x-forwarded-for' || name.startsWith('x-nf-')) continue;
    headers.push([name, incoming.rawHeaders[index + 1] ?? '']);
  }
  // What the platform adds; a caller cannot set it.
  headers.push(['x-forwarded-for', ip], ['x-nf-client-connection-ip', ip]);
  headers.push(['x-nf-request-id', requestId]);

  const body = await readBody(incoming, maxBytes);
  return { url, method, headers, body, ip, requestId };
}

function urlOf({ url: target = '/', headers: { host = '127.0.0.1' } }: IncomingMessage): URL {
  // A target may also be a whole URL, as a proxy gets it: its path is what counts.
  const path = target.startsWith('/') ? target : URL.canParse(target) && pathOf(new URL(target));
  const text = `http://${host}${path}`;
  if (typeof path !== 'string' || !HOST.test(host) || !URL.canParse(text)) {
    throw new RequestRefused(400, 'BAD_REQUEST', 'Host and path of the request are not a URL.');
  }
  return new URL(text);
}

function pathOf({ pathname, search }: URL): string | false {
  return pathname.startsWith('/') && `${pathname}${search}`;
}

async function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    // Read to the end all the same: a caller that still sends would not see the answer.
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) {
    const message = `The request is longer than ${maxBytes} bytes, the platform's limit.`;
    throw new RequestRefused(413, 'PAYLOAD_TOO_LARGE', message);
  }
  return bytes > 0 ? new Uint8Array(Buffer.concat(chunks)) : undefined;
}

/** The value of the first header of that name. */
export function headerOf({ headers }: Pick<RawRequest, 'headers'>, name: string): string {
  return headers.find(([one]) => one === name)?.[1] ?? '';
}
