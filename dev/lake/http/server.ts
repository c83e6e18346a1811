import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Answer, refusal } from './answer.js';
import { type Call, readCall } from './call.js';
import type { RequestLog } from './request-log.js';
import type { FindRoute } from './routes.js';

/** The lake answers nobody but this machine. */
const LOOPBACK = '127.0.0.1';

interface Handlers {
  /** Answers a call of Infor's API. */
  readonly gateway: (call: Call) => Promise<Answer>;
  /** Answers a call of the lake's own controls; such calls are not logged. */
  readonly control: (call: Call) => Promise<Answer>;
  readonly log: RequestLog;
  readonly findRoute: FindRoute;
}

export interface LakeServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startServer(port: number, handlers: Handlers): Promise<LakeServer> {
  const server = createServer((request, response) => {
    handle(request, response, handlers).catch(() => response.destroy());
  });
  // Longer than any client keeps an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The lake has no port.');
  return {
    url: `http://${LOOPBACK}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { gateway, control, log, findRoute }: Handlers,
): Promise<void> {
  const at = Date.now();
  const call = await readCall(request, response, findRoute);
  const isControl = call.route?.kind === 'control';
  const answer = await (isControl ? control : gateway)(call).catch((error: unknown) =>
    // Handlers stop waiting for a client that is gone; anything else is a fault of the lake.
    call.gone.aborted ? DROPPED : refusal(500, String(error)),
  );
  // Before it is sent: whoever has an answer finds its request in the log.
  if (!isControl) log.add(call, at, answer);
  send(response, answer);
}

const DROPPED: Answer = { status: 0, body: '', transport: 'reset' };

function send(response: ServerResponse, { status, headers, body, transport }: Answer): void {
  if (transport === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  if (transport === 'cut') {
    const half = bytes.subarray(0, Math.floor(bytes.length / 2));
    response.write(half, () => response.destroy());
  } else {
    response.end(bytes);
  }
}
