/**
 * Runs in a function's own thread: imports the function, calls it, and sleeps between calls.
 * It is built with the functions, so that no TypeScript loader runs in any of the threads.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { CallMessage, ThreadData, ThreadMessage, Thrown } from './messages.js';

type Handler = (request: Request, context: object) => unknown;

// Started by worker.ts alone, with this very type.
const { module, sent, siteUrl } = workerData as ThreadData;
const DRAIN_MS = 1;
let received = 0;
let running = 0;

// Errors name the lines of the source, not of the built file.
process.setSourceMapsEnabled(true);

function post(message: ThreadMessage, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transferred);
}

/**
 * Stops the thread while it has no call, as the platform freezes an instance: what a function
 * leaves running goes on with the next call, and a connection can be found dead then.
 */
function freezeWhenIdle(): void {
  if (running > 0) return;
  const isWriting = process.stdout.writableLength > 0 || process.stderr.writableLength > 0;
  if (isWriting) setTimeout(freezeWhenIdle, DRAIN_MS);
  // Returns at once where a call was sent meanwhile.
  else Atomics.wait(sent, 0, received);
}

async function run(handler: Handler, call: CallMessage): Promise<void> {
  received += 1;
  running += 1;
  try {
    const answer = await handler(requestOf(call), contextOf(call));
    if (answer !== undefined && !(answer instanceof Response)) {
      throw new TypeError('The function returned neither a Response nor undefined.');
    }
    const body = new Uint8Array(answer ? await answer.arrayBuffer() : new ArrayBuffer(0));
    const { status, headers } = answer ?? new Response(null, { status: 204 });
    post({ kind: 'answered', id: call.id, status, headers: [...headers], body }, [body.buffer]);
  } catch (error) {
    post({ kind: 'failed', id: call.id, thrown: thrownOf(error) });
  } finally {
    running -= 1;
    // Not before what the call left to do at once: a rejection that nobody handles, among others.
    setImmediate(freezeWhenIdle);
  }
}

function requestOf({ url, method, headers, body }: CallMessage): Request {
  const withBody = body && method !== 'GET' && method !== 'HEAD';
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  return new Request(url, { method, headers: pairs, ...(withBody && { body }) });
}

/** What of the platform's context can be known on one machine. */
function contextOf({ url, ip, requestId }: CallMessage): object {
  return {
    account: { id: 'local' },
    deploy: { context: 'dev', id: 'local', published: false },
    geo: {},
    ip,
    json: (value: unknown, init?: ResponseInit) => Response.json(value, init),
    log: console.log,
    params: {},
    requestId,
    server: { region: 'local' },
    site: { id: 'local', name: 'local', url: siteUrl },
    url: new URL(url),
  };
}

function thrownOf(error: unknown): Thrown {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: [] };
  const { name, message, stack = '' } = error;
  return { name, message, stack: stack.split('\n') };
}

const loaded: { default?: unknown; config?: { schedule?: string } } = await import(module);
const handler = loaded.default;
if (typeof handler !== 'function') throw new Error('The function has no default export to call.');
parentPort?.on('message', (call: CallMessage) => void run(handler as Handler, call));
post({ kind: 'ready', schedule: loaded.config?.schedule });
