import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import type { Store } from '../store/store.js';
import { reasonOf } from './deliver.js';
import type { Post } from './post.js';
import { recordDelivery } from './webhook-state.js';

/** For the whole call; the receiver only has to note it. */
const TIMEOUT_MS = 3_000;

interface HeartbeatParts {
  readonly store: Pick<Store, 'health'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly post: Post;
  /** null: no heartbeat is sent. */
  heartbeatUrl(): Promise<string | null>;
}

/**
 * Sends one heartbeat: an empty POST, by the rules of webhooks. What came of it is logged without the
 * URL, whose path is the receiver's password, and kept for deep health.
 * @param deadline epoch milliseconds
 * @throws AppError MONGODB_*
 */
export async function sendHeartbeat(
  { store, clock, log, post, heartbeatUrl }: HeartbeatParts,
  deadline: number,
): Promise<void> {
  const url = await heartbeatUrl();
  if (url === null) return;
  const timeoutMs = Math.max(1, Math.min(TIMEOUT_MS, deadline - clock.now()));
  const reason = reasonOf(await post({ url, headers: {}, body: '', timeoutMs }));
  if (reason !== null) log.warn({ reason }, 'heartbeat not delivered');
  await recordDelivery(store, 'heartbeat', url, reason);
}
