import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, plainAnswer } from './answer.js';
import { readRequest } from './raw-request.js';
import type { Site } from './site.js';

/** The platform's limit on a request's body. */
const MAX_BYTES = 6 * 1024 * 1024;

/** Serves a site on 127.0.0.1; port 0 takes any free one. */
export async function serveSite(site: Site, port: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    handle(site, incoming)
      .catch((error: unknown) => plainAnswer(500, `${error}\n`))
      .then((answer) => send(outgoing, answer));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function handle(site: Site, incoming: IncomingMessage): Promise<Answer> {
  const request = await readRequest(incoming, MAX_BYTES);
  return request ? site.answer(request) : plainAnswer(413, 'Payload Too Large\n');
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  outgoing.end(body);
}
