import { ConnectionError, SyncError } from './errors.js';

const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
const DEFAULT_PATIENCE_MS = 600_000;

/** The time between two looks at a run: a second at first, then half as much again each time. */
export function nextPause(ms: number | undefined): number {
  return ms === undefined ? FIRST_MS : Math.min(LONGEST_MS, ms * 1.5);
}

/** @throws the signal's reason as soon as it is aborted */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Sends a call again while the connection is lost or the backend says that it can't answer now.
 * Only for calls that may arrive twice.
 */
export async function withPatience<T>(
  send: () => Promise<T>,
  { patienceMs = DEFAULT_PATIENCE_MS, signal }: { patienceMs?: number; signal?: AbortSignal },
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (let wait = nextPause(undefined); ; wait = nextPause(wait)) {
    try {
      return await send();
    } catch (error) {
      if (!passes(error)) throw error;
      const ms = Math.max(wait, error.retryAfterMs ?? 0);
      if (Date.now() + ms > end) throw error;
      await pause(ms, signal);
    }
  }
}

/**
 * What passes by itself has a `Retry-After`; any other failure of the backend needs somebody, and so
 * does another run of the table (SYNC_RUNNING). A 5xx without a code is the platform's.
 */
function passes(error: unknown): error is ConnectionError | SyncError {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof SyncError) || error.body.status === 'failed') return false;
  const { code, status, retryAfterMs } = error;
  if (code === 'IDEMPOTENCY_KEY_IN_USE') return true;
  return (status === 429 || status >= 500) && (code === '' || retryAfterMs !== undefined);
}
