import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { WriteRefusal } from '../support/refused-writes.js';
import { bundleWorker, type WorkerBundle } from './worker-bundle.js';
import type { Call } from './worker-process.js';

/** Started in advance, so that the moments of a worker's life are not all spent on its start. */
const SPARES = 3;

/** What the platform does with each order. */
interface Platform {
  /** How often it starts the order, at once. */
  copies: number;
  /** How far the clock of the machine is off that the nth worker runs on. */
  clockOffMs: (nth: number) => number;
  /** What MongoDB says of the writes of the nth worker. */
  refusal: (nth: number) => WriteRefusal | undefined;
}

/** As it should be. */
export const ORDINARY: Platform = {
  copies: 1,
  clockOffMs: () => 0,
  refusal: () => undefined,
};

/** A worker at work. */
export interface Worker {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  /** What it answered, where it lived to. */
  answer?: unknown;
}

/**
 * A site whose background functions are processes, each call one of its own, as on Netlify:
 * answered with 202 before the work begins. Its workers can be killed and frozen.
 */
export class Site {
  readonly url: string;
  readonly platform: Platform = { ...ORDINARY };
  readonly #server;
  readonly #bundle: WorkerBundle;
  readonly #spares: Promise<ChildProcess>[] = [];
  readonly #running = new Set<Worker>();
  #started = 0;
  #waiting = 0;
  #open = true;

  static async start(): Promise<Site> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Site(server, await bundleWorker());
  }

  private constructor(server: ReturnType<typeof createServer>, bundle: WorkerBundle) {
    this.#server = server;
    this.#bundle = bundle;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      void this.#accept(request).then(() => response.writeHead(202).end());
    });
  }

  /** Workers that have an order and have not ended. */
  get running(): readonly Worker[] {
    return [...this.#running];
  }

  /** Whether an order waits for its process, which takes longer here than a lease. */
  get isStarting(): boolean {
    return this.#waiting > 0;
  }

  /** By SIGKILL: it can't do anything about it. */
  async kill(worker: Worker): Promise<void> {
    worker.process.kill('SIGKILL');
    await worker.ended;
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#server.close();
    const spares = await Promise.all(this.#spares);
    for (const spare of spares) spare.kill('SIGKILL');
    await Promise.all(this.running.map((worker) => this.kill(worker)));
    await this.#bundle.remove();
  }

  async #accept(request: IncomingMessage): Promise<void> {
    const body = await text(request);
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    for (let copy = 0; copy < this.platform.copies; copy++) {
      const nth = this.#started++;
      const refusal = this.platform.refusal(nth);
      void this.#run({
        url: `${this.url}${request.url}`,
        headers: Object.fromEntries(headers),
        body,
        clockOffMs: this.platform.clockOffMs(nth),
        ...(refusal && { refusal }),
      });
    }
  }

  async #run(call: Call): Promise<void> {
    this.#waiting++;
    const process = await this.#spare();
    this.#waiting--;
    if (!this.#open) return void process.kill('SIGKILL');
    const ended = once(process, 'exit');
    const worker: Worker = { process, ended };
    this.#running.add(worker);
    process.on('message', (answer) => {
      worker.answer = answer;
    });
    process.send(call);
    await ended;
    this.#running.delete(worker);
  }

  /** One that is ready; another one takes its place. */
  #spare(): Promise<ChildProcess> {
    while (this.#open && this.#spares.length <= SPARES) this.#spares.push(this.#start());
    return this.#spares.shift() ?? this.#start();
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(this.#bundle.path, { execArgv: [] });
    await once(child, 'message');
    return child;
  }
}
