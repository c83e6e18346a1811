import type { Clock } from '../clock.js';
import { currentLog } from '../log.js';
import { AppError, toAppError } from './app-error.js';

export interface RetryPolicy {
  /** Calls in all, the first one included. */
  readonly attempts: number;
  /** The first wait's upper bound in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  /** No single wait is longer than this, in milliseconds, unless the other side asks for it. */
  readonly capMs: number;
}

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** Epoch milliseconds after which no further attempt is started. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of retriable failures: whether another attempt is made after this one; default: after all. */
  readonly isRepeated?: (error: AppError, attempt: number) => boolean;
  /** Told of each failure that is followed by another attempt. */
  readonly onRetry?: (error: AppError, attempt: number, waitMs: number) => void;
}

/**
 * How long to wait before the next attempt, in milliseconds: what the other side asks
 * for, else exponential with full jitter (0 … base · 2^(attempt-1), capped).
 */
export function backoffMs(
  policy: RetryPolicy,
  attempt: number,
  random: number,
  retryAfterMs?: number,
): number {
  if (retryAfterMs !== undefined) return retryAfterMs;
  return random * Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1));
}

/**
 * Runs `operation` until it succeeds, fails for good, or attempts or time are used up.
 * Only an AppError whose code is retriable is tried again; each time is one line in the log.
 * @throws AppError the last failure, or OUT_OF_TIME where only the deadline forbids another try
 */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { policy, clock, deadline = Number.POSITIVE_INFINITY, signal, onRetry } = options;
  const { isRepeated = () => true } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt);
    } catch (thrown) {
      const error = toAppError(thrown);
      const waitMs = backoffMs(policy, attempt, Math.random(), error.retryAfterMs);
      if (!error.retriable || !isRepeated(error, attempt)) throw error;
      if (attempt >= policy.attempts || signal?.aborted) throw error;
      if (clock.now() + waitMs >= deadline) throw outOfTime(error);
      onRetry?.(error, attempt, waitMs);
      const waits = { attempt, waitMs: Math.round(waitMs) };
      currentLog()?.warn({ err: error, ...waits }, 'failed, is tried again');
      await clock.sleep(waitMs, signal);
    }
  }
}

function outOfTime(error: AppError): AppError {
  return new AppError('OUT_OF_TIME', undefined, {
    cause: error,
    details: [{ message: error.message, code: error.code }, ...error.details],
  });
}
