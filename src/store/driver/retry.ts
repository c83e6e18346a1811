import type { Clock } from '../../clock.js';
import { toAppError } from '../../errors/app-error.js';
import { type RetryPolicy, retry } from '../../errors/retry.js';
import { toMongoError } from './mongo-error.js';

/** About a minute with the server away: longer than an election or a restart. */
const POLICY: RetryPolicy = { attempts: 8, baseMs: 100, capMs: 8_000 };
/** A request without a deadline of its own is to be answered well before its 60 s are over. */
const REQUEST_MS = 15_000;

export interface RetryBudget {
  readonly clock: Clock;
  /** Epoch milliseconds after which no further attempt is started; 15 s from now if left out. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a MongoDB operation, repeating it after failures that pass. The operation must be
 * one that can be repeated: an upsert by key, an update by filter, a read.
 * @throws AppError MONGODB_*; OUT_OF_TIME where the scope's own deadline came first
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
