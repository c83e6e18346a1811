import { onTestFinished } from 'vitest';
import { serveHttp } from '../../dev/runtime/http-server.js';
import type { RawRequest } from '../../dev/runtime/raw-request.js';

/** Answers a call of a function; undefined: there is no such function. */
export type AnswerCall = (
  name: string,
  request: Request,
) => Response | undefined | Promise<Response | undefined>;

/** Serves functions on this machine until the calling test has ended. @returns the site's URL */
export async function startSite(answerCall: AnswerCall): Promise<string> {
  const server = await serveHttp(async (raw) => {
    const name = raw.url.pathname.replace('/.netlify/functions/', '');
    const found = await answerCall(name, toRequest(raw));
    const response = found ?? new Response('Not Found', { status: 404 });
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: [...response.headers], body };
  }, 0);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('No TCP port was given.');
  return `http://127.0.0.1:${address.port}`;
}

function toRequest({ url, method, headers, body }: RawRequest): Request {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  return new Request(url, { method, headers: pairs, ...(body && { body }) });
}
