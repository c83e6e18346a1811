import { AppError } from '../errors/app-error.js';
import { networkOf } from '../security/client-network.js';

const WINDOW_MS = 60_000;
/** Per client and minute: far more than a wrong setting causes. */
const MOST = 60;
/** The number of clients that are remembered, so that attackers can't exhaust the memory. */
const KEPT = 10_000;

interface Attempts {
  readonly since: number;
  count: number;
}

const attempts = new Map<string, Attempts>();

/**
 * Counts a request whose authentication failed against its address. Kept in this instance only:
 * an anonymous request writes nothing to the database.
 * @throws AppError TOO_MANY_REQUESTS instead of the authentication error
 */
export function countFailedAttempt(address: string | undefined, now: number): void {
  if (address === undefined) return;
  const client = networkOf(address);
  const found = attempts.get(client);
  // By the absolute difference, since the clock may have been set back.
  const isOver = !found || Math.abs(now - found.since) >= WINDOW_MS;
  const present = isOver ? { since: now, count: 0 } : found;
  present.count++;
  attempts.delete(client);
  attempts.set(client, present);
  const [oldest] = attempts.keys();
  if (attempts.size > KEPT && oldest !== undefined) attempts.delete(oldest);
  if (present.count <= MOST) return;
  throw new AppError('TOO_MANY_REQUESTS', undefined, {
    retryAfterMs: present.since + WINDOW_MS - now,
    details: [{ message: `at most ${MOST} failed attempts a minute` }],
  });
}
