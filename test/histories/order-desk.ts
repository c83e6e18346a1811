import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OrderAnswer } from './commands.js';

const ANSWERS: Readonly<Record<OrderAnswer, { status: number; headers: Record<string, string> }>> =
  {
    page: { status: 200, headers: { 'content-type': 'text/html' } },
    login: { status: 401, headers: { 'content-type': 'text/html' } },
    redirect: { status: 301, headers: { location: 'https://site.example/' } },
    missing: { status: 404, headers: { 'content-type': 'text/html' } },
    lost: { status: 202, headers: {} },
  };

/** Where orders for workers arrive: no worker ever comes of them. */
export class OrderDesk {
  readonly url: string;
  readonly #server: Server;
  #next: OrderAnswer = 'missing';

  static async open(): Promise<OrderDesk> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OrderDesk(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      request.resume();
      const { status, headers } = ANSWERS[this.#next];
      this.#next = 'missing';
      response.writeHead(status, headers).end();
    });
  }

  /** The next order is answered so; those after it are refused. */
  expect(answer: OrderAnswer): void {
    this.#next = answer;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
