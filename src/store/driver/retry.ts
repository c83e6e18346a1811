import type { Clock } from '../../clock.js';
import { toAppError } from '../../errors/app-error.js';
import { type RetryPolicy, retry } from '../../errors/retry.js';
import { toMongoError } from './mongo-error.js';

/** Covers about a minute without a server: longer than an election or a restart. */
const POLICY: RetryPolicy = { attempts: 8, baseMs: 100, capMs: 8_000 };
/** An operation without a deadline may be part of a request, which must be answered within 60 s. */
const REQUEST_MS = 15_000;

export interface RetryBudget {
  readonly clock: Clock;
  /** Epoch milliseconds after which no further attempt is started; 15 s from now if left out. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a MongoDB operation, and retries it after transient failures. The operation must be
 * idempotent: an upsert by key, an update by filter, a read.
 * @throws AppError MONGODB_*; OUT_OF_TIME if the deadline that the caller set came first
 */
export async function withRetry<T>(operation: () => Promise<T>, scope: RetryBudget): Promise<T> {
  const { clock, signal, deadline = clock.now() + REQUEST_MS } = scope;
  const attempt = () =>
    operation().catch((error) => {
      throw toMongoError(error);
    });
  try {
    return await retry(attempt, { policy: POLICY, clock, signal, deadline });
  } catch (error) {
    const ownLimit = scope.deadline === undefined && toAppError(error).code === 'OUT_OF_TIME';
    throw ownLimit ? toAppError(toAppError(error).cause) : error;
  }
}
