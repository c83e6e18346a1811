import { AppError } from '../errors/app-error.js';

/** How long a call may go on; shared by everything that waits for Infor. */
export interface CallOptions {
  /** Epoch milliseconds after which nothing further is started or awaited. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `run` for at most `timeoutMs`, and gives up as soon as `signal` is aborted; the signal
 * that `run` gets is aborted in both cases. Unlike a socket's time-out this also ends an
 * answer that trickles in.
 * @throws AppError LAKE_TIMEOUT, with `what` (e.g. a host name) as the one that did not answer
 */
export function withTimeLimit<T>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = (message: string) => {
      reject(new AppError('LAKE_TIMEOUT', message));
      controller.abort();
    };
    const onAbort = () => giveUp(`The caller gave up before ${what} answered.`);
    if (signal?.aborted) return onAbort();
    if (timeoutMs <= 0) return giveUp(`No time was left to ask ${what}.`);
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(
      () => giveUp(`${what} did not answer within ${(timeoutMs / 1000).toFixed(1)} s.`),
      Math.min(timeoutMs, 2 ** 31 - 1), // the longest time that a timer can hold
    );
    void run(controller.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      });
  });
}
