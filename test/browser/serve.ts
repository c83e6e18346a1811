import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll } from 'vitest';

type Respond = (request: Request) => Promise<Response>;

/** Serves on this machine until the calling test file has ended. @returns the origin */
export async function serveLocally(respond: Respond): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const response = await toRequest(incoming)
      .then(respond)
      .catch((error: unknown) => new Response(String(error), { status: 500 }));
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('No TCP port was given.');
  return `http://127.0.0.1:${address.port}`;
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = 'GET', headersDistinct } = incoming;
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = new Uint8Array(await buffer(incoming));
  return new Request(new URL(incoming.url ?? '/', `http://${incoming.headers.host}`), {
    method,
    headers,
    ...(body.length > 0 && { body }),
  });
}

/** The functions as they are deployed, in this process. */
export async function respondWithFunction(request: Request): Promise<Response> {
  const name = new URL(request.url).pathname.split('/').at(-1);
  const { default: handle } = await import(`../../netlify/functions/${name}.ts`);
  return handle(request, {});
}
