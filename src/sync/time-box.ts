import type { Clock } from '../clock.js';
import { AppError } from '../errors/app-error.js';

/**
 * Waits for work until the deadline (epoch milliseconds) at most. Work that takes longer is not
 * stopped: whatever it does later must still be safe.
 * @throws AppError OUT_OF_TIME; what the work throws
 */
export async function within<T>(clock: Clock, deadline: number, work: Promise<T>): Promise<T> {
  // It may fail when nothing awaits it any more.
  work.catch(() => undefined);
  const over = new AbortController();
  const timeout = clock.sleep(Math.max(0, deadline - clock.now()), over.signal).then(() => {
    throw new AppError('OUT_OF_TIME');
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    over.abort();
  }
}
