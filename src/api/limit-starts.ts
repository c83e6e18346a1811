import { AppError } from '../errors/app-error.js';
import { ANYONE } from '../http/authenticate.js';
import type { Call } from '../http/endpoint.js';
import { networkOf } from '../security/client-network.js';
import type { Services } from './services.js';
import { readSiteSettings } from './site-settings.js';

const MINUTE_MS = 60_000;

/**
 * Counts a start of work against its caller's limit a minute, over all instances: the token's, or
 * the client address's where the site asks for none. A refused start counts nothing.
 * @throws AppError TOO_MANY_REQUESTS, MONGODB_*
 */
export async function limitStarts({
  services,
  caller,
  address,
}: Pick<Call<Services, unknown, unknown>, 'services' | 'caller' | 'address'>): Promise<void> {
  const { store, clock } = await services();
  const opened = await store();
  const { startsPerMinute: most } = await readSiteSettings(opened);
  if (most === null) return;
  const now = clock.now();
  const minute = Math.floor(now / MINUTE_MS);
  const hasToken = caller !== undefined && caller !== ANYONE;
  const who = hasToken
    ? `token:${caller.name}`
    : `address:${address === undefined ? 'unknown' : networkOf(address)}`;
  const expireAt = new Date((minute + 10) * MINUTE_MS);
  if (!(await opened.startCounts.countBelow(`${who}|${minute}`, most, expireAt))) {
    throw new AppError('TOO_MANY_REQUESTS', undefined, {
      retryAfterMs: (minute + 1) * MINUTE_MS - now,
      details: [{ message: `at most ${most} starts a minute` }],
    });
  }
}
