import type { Clock } from '../clock.js';
import { type RetryPolicy, retry } from '../errors/retry.js';
import { toMongoError } from './mongo-error.js';

/** About half a minute in all: longer than an election, shorter than a lease. */
const POLICY: RetryPolicy = { attempts: 8, baseMs: 100, capMs: 8_000 };

export interface RetryScope {
  readonly clock: Clock;
  /** Epoch milliseconds after which no further attempt is started. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a MongoDB operation, repeating it after failures that pass. The operation must be
 * one that can be repeated: an upsert by key, an update by filter, a read.
 * @throws AppError MONGODB_*
 */
export function withRetry<T>(operation: () => Promise<T>, scope: RetryScope): Promise<T> {
  return retry(
    async () => {
      try {
        return await operation();
      } catch (error) {
        throw toMongoError(error);
      }
    },
    { policy: POLICY, ...scope },
  );
}
