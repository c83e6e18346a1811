import { AsyncLocalStorage } from 'node:async_hooks';
import type { Worker } from 'node:worker_threads';

/** What one call of a function came to, as seen from outside its worker thread. */
export interface Outcome<T> {
  /** Absent where the function ended its own process. */
  readonly value?: T;
  /** It threw, ran out of time or ended its process. Answering with status 500 is no failure. */
  readonly failure?: Error;
}

interface Call {
  worker?: Worker;
  failure?: Error;
  readonly diedWith: (failure: Error) => void;
}

const calls = new AsyncLocalStorage<Call>();

// functions-dev keeps its workers to itself, swallows what a background function throws and
// waits for ever for one that exits; but Node announces each worker, in the context of the call.
process.on('worker', (worker) => {
  const call = calls.getStore();
  if (!call) return;
  call.worker = worker;
  let isAnswered = false;
  worker.once('message', () => {
    isAnswered = true;
  });
  worker.once('error', (thrown: unknown) => {
    isAnswered = true;
    call.failure = asError(thrown);
  });
  worker.once('exit', (code) => {
    if (!isAnswered) call.diedWith(new Error(`The function ended its process with ${code}.`));
  });
});

/**
 * Runs one call and then ends its worker: functions-dev starts a new one for each, and one
 * with an open connection would live on for good.
 */
export async function observeCall<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  let diedWith = (_: Error): void => {};
  const death = new Promise<Error>((resolve) => {
    diedWith = resolve;
  });
  const call: Call = { diedWith };
  try {
    const first = await calls.run(call, () => Promise.race([run(), death]));
    if (first instanceof Error) return { failure: first };
    return { value: first, ...(call.failure ? { failure: call.failure } : {}) };
  } finally {
    await call.worker?.terminate();
  }
}

/** lambda-local reports what a function throws as `{ errorType, errorMessage, stackTrace }`. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (thrown && typeof thrown === 'object' && 'errorMessage' in thrown) {
    return new Error(String(thrown.errorMessage));
  }
  return new Error(String(thrown));
}
