import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Answer, refusal } from './answer.js';
import { type Call, readCall } from './call.js';
import type { RequestLog } from './request-log.js';

/** The lake answers nobody but this machine. */
const LOOPBACK = '127.0.0.1';

interface Handlers {
  /** Answers a call of Infor's API. */
  readonly gateway: (call: Call) => Promise<Answer>;
  /** Answers a call of the lake's own controls; such calls are not logged. */
  readonly control: (call: Call) => Promise<Answer>;
  readonly log: RequestLog;
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
  { gateway, control, log }: Handlers,
): Promise<void> {
  const at = Date.now();
  const call = await readCall(request, response);
  if (call.route?.kind === 'control') {
    await answer(response, call, control);
  } else {
    const sent = await answer(response, call, gateway);
    log.add(call, at, response.headersSent ? response.statusCode : 0, sent);
  }
}

async function answer(
  response: ServerResponse,
  call: Call,
  handle: (call: Call) => Promise<Answer>,
): Promise<Answer | undefined> {
  let made: Answer;
  try {
    made = await handle(call);
  } catch (error) {
    if (call.gone.aborted) return undefined;
    made = refusal(500, error instanceof Error ? error.message : String(error));
  }
  await send(response, made);
  return made;
}

/** Resolves when the answer is out, or the connection is gone. */
function send(response: ServerResponse, answer: Answer): Promise<void> {
  const { status, headers, body, transport } = answer;
  return new Promise((resolve) => {
    response.once('close', resolve);
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
      response.end(bytes, () => resolve());
    }
  });
}
