import { Worker } from 'node:worker_threads';
import type { Answer } from '../answer.js';
import type { RawRequest } from '../raw-request.js';
import type { CallMessage, ThreadData, ThreadMessage, Thrown } from './messages.js';

/** What one call came to. Answering with status 500 is no failure. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'threw'; readonly thrown: Thrown }
  | { readonly kind: 'timeout'; readonly seconds: number }
  /** The thread ended: the function ended its process, ran out of memory, or cannot be imported. */
  | { readonly kind: 'ended'; readonly reason: string };

/** A deployed function has so much memory; of it, V8's heap can be limited here. */
const MEMORY_MB = 1024;

/**
 * One warm instance of a function: a thread with module state of its own. Unlike the platform,
 * which gives each call at a time an instance, calls share it; so one that ends the process ends
 * those beside it.
 */
export class FunctionWorker {
  readonly #worker: Worker;
  readonly #sent = new Int32Array(new SharedArrayBuffer(4));
  readonly #open = new Map<number, (outcome: Outcome) => void>();
  /** Resolves when the function is imported; rejects where it cannot be. */
  readonly ready: Promise<{ schedule: string | undefined }>;
  #becomeReady: (function_: { schedule: string | undefined }) => void = () => {};
  #failToStart: (error: Error) => void = () => {};
  readonly #startTimer: NodeJS.Timeout;
  #lastId = 0;
  #isRetired = false;
  #endedBy: string | undefined;

  /**
   * @param thread the built `thread.ts`
   * @param startSeconds how long the import may take
   */
  constructor(thread: string, module: string, siteUrl: string, startSeconds: number) {
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#failToStart = reject;
    });
    // Where nobody waits for it, the calls say what happened.
    this.ready.catch(() => {});
    const workerData: ThreadData = { module, sent: this.#sent, siteUrl };
    this.#worker = new Worker(thread, {
      workerData,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.#startTimer = setTimeout(() => {
      this.#end(`The function was not imported within ${startSeconds} seconds.`);
      void this.stop();
    }, startSeconds * 1000);
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(String(error)));
    this.#worker.on('exit', (code) => this.#end(`The function ended its process with ${code}.`));
  }

  /** False once it has ended, or ends with the calls that it still has. */
  get isUsable(): boolean {
    return !this.#isRetired;
  }

  /** Runs one call, the import included where it is the first; never rejects. */
  call({ url, ...request }: RawRequest, seconds: number): Promise<Outcome> {
    if (this.#endedBy !== undefined) {
      return Promise.resolve({ kind: 'ended', reason: this.#endedBy });
    }
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#settle(id, { kind: 'timeout', seconds });
        this.retire();
      }, seconds * 1000);
      this.#open.set(id, (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
      const message: CallMessage = { ...request, id, url: url.href };
      Atomics.add(this.#sent, 0, 1);
      this.#worker.postMessage(message);
      Atomics.notify(this.#sent, 0);
    });
  }

  /** Takes no further calls, and ends as soon as it has none. */
  retire(): void {
    this.#isRetired = true;
    if (this.#open.size === 0) void this.stop();
  }

  /** Ends at once, whatever it does. */
  async stop(): Promise<void> {
    this.#isRetired = true;
    await this.#worker.terminate();
  }

  #receive(message: ThreadMessage): void {
    if (message.kind === 'ready') {
      clearTimeout(this.#startTimer);
      this.#becomeReady({ schedule: message.schedule });
    } else if (message.kind === 'failed') {
      this.#settle(message.id, { kind: 'threw', thrown: message.thrown });
    } else {
      const { status, headers, body } = message;
      this.#settle(message.id, { kind: 'answered', answer: { status, headers, body } });
    }
  }

  #settle(id: number, outcome: Outcome): void {
    this.#open.get(id)?.(outcome);
    this.#open.delete(id);
    if (this.#isRetired && this.#open.size === 0) void this.stop();
  }

  #end(reason: string): void {
    this.#isRetired = true;
    this.#endedBy ??= reason;
    clearTimeout(this.#startTimer);
    this.#failToStart(new Error(reason));
    for (const id of this.#open.keys()) this.#settle(id, { kind: 'ended', reason: this.#endedBy });
  }
}
