import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, errorAnswer } from './answer.js';
import { type RawRequest, RequestRefused, readRequest } from './raw-request.js';

/** The platform's limit on the body of a request and of an answer. */
export const MAX_BYTES = 6 * 1024 * 1024;
/** Of this connection, not of the answer; lengths are counted here. */
const CONNECTION_HEADERS = new Set([
  ...['connection', 'content-length', 'keep-alive', 'proxy-authenticate', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
]);

export type AnswerRequest = (request: RawRequest) => Promise<Answer>;

/** Serves on 127.0.0.1; port 0 takes any free one. */
export async function serveHttp(answer: AnswerRequest, port: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    handle(answer, incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Without a listener Node closes the connection without a word.
  server.on('connect', (_, socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Methods that functions get to see. */
const PASSED_ON = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

async function handle(
  answer: AnswerRequest,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // Whatever goes wrong with a connection concerns its caller alone.
  outgoing.on('error', () => {});
  try {
    send(outgoing, await answer(await readRequest(incoming, MAX_BYTES)));
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return;
    if (error instanceof RequestRefused) {
      const refusal = errorAnswer(error.status, error.code, error.message);
      const allow = error.status === 405 ? [['allow', PASSED_ON] as const] : [];
      send(outgoing, { ...refusal, headers: [...refusal.headers, ...allow] });
    } else {
      send(outgoing, errorAnswer(500, 'RUNTIME_FAILED', `The local runtime failed: ${error}`));
    }
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.statusCode = status;
  for (const [name, value] of headers) {
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) outgoing.appendHeader(name, value);
  }
  outgoing.end(body);
}
