import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server does with a request; `act` may answer by hand, or break the connection. */
export type Answer =
  | { status?: number; headers?: Record<string, string>; body?: string | object }
  | { act: (response: ServerResponse, request: IncomingMessage) => void };

/** `reset`: the connection breaks before any answer; `hang`: no answer ever comes. */
export const reset: Answer = { act: (response) => response.destroy() };
export const hang: Answer = { act: () => undefined };

export interface ScriptedServer {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** What to answer to a request, unless a script says otherwise. */
  respond: (request: SeenRequest) => Answer | Promise<Answer>;
  /** These answers come first, one a request. */
  script(...answers: Answer[]): void;
  close(): Promise<void>;
}

/** A real HTTP server on 127.0.0.1 that plays the answers a test gives it. */
export async function scriptedServer(): Promise<ScriptedServer> {
  const queue: Answer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    scripted.seen.push(seen);
    const answer = queue.shift() ?? (await scripted.respond(seen));
    if ('act' in answer) return answer.act(response, request);
    const { status = 200, headers = {}, body = '' } = answer;
    const isText = typeof body === 'string';
    response.writeHead(status, {
      ...(!isText && { 'content-type': 'application/json' }),
      ...headers,
    });
    response.end(isText ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // An AddressInfo, since the server listens on a port and not on a pipe.
  const { port } = server.address() as AddressInfo;
  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${port}`,
    seen: [],
    respond: () => ({ status: 404 }),
    script: (...answers) => void queue.push(...answers),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return scripted;
}
