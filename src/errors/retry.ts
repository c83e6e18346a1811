import type { Clock } from '../clock.js';
import { currentLog } from '../log.js';
import { AppError, toAppError } from './app-error.js';

export interface RetryPolicy {
  /** Total number of calls, including the first. */
  readonly attempts: number;
  /** The first wait's upper bound in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  /** No single wait is longer than this, in milliseconds, unless the other system asks for it. */
  readonly capMs: number;
}

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** Epoch milliseconds after which no further attempt is started. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Which retriable failures are followed by another attempt; default: all. */
  readonly isRepeated?: (error: AppError, attempt: number) => boolean;
  /** Called with each failure that is followed by another attempt. */
  readonly onRetry?: (error: AppError, attempt: number, waitMs: number) => void;
}

/**
 * How long to wait before the next attempt, in milliseconds: what the other system asks
 * for, otherwise exponential with full jitter (0 … base · 2^(attempt-1), capped).
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
 * Runs `operation` until it succeeds, fails permanently, or attempts or time are used up.
 * Only an AppError with a retriable code is retried; each retry is one line in the log.
 * @throws AppError the last failure, or OUT_OF_TIME if only the deadline prevents another attempt
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
