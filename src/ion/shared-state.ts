import type { Clock } from '../clock.js';
import { AppError } from '../errors/app-error.js';
import type { Store } from '../store/store.js';
import { withTimeLimit } from './time-limit.js';

/**
 * Runs an operation on what the instances tell each other through MongoDB: the token, the state
 * of the quota. Nothing depends on it, so it is given up on soon: after two seconds, and then at
 * once for a while, so that calls to the lake don't each wait for a database that is away.
 * @throws AppError whatever is wrong; the caller goes on without
 */
export type SharedState = <T>(operation: (store: Store) => Promise<T>) => Promise<T>;

interface SharedStateOptions {
  /** Asked at the first operation, not before: nothing is opened that isn't used. */
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
}

/** Within the five seconds that deep health has for the lake, and above a slow connect. */
const LIMIT_MS = 2_000;
const AWAY_MS = 10_000;

export function createSharedState({ store, clock }: SharedStateOptions): SharedState {
  let awayUntil = Number.NEGATIVE_INFINITY;
  return async (operation) => {
    if (clock.now() < awayUntil) throw new AppError('MONGODB_UNREACHABLE');
    try {
      return await withTimeLimit('MongoDB', LIMIT_MS, undefined, async (signal) => {
        const ready = await store();
        const deadline = clock.now() + LIMIT_MS;
        return operation(ready.within({ deadline, signal }));
      });
    } catch (error) {
      awayUntil = clock.now() + AWAY_MS;
      throw error;
    }
  };
}
