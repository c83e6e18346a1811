import { createHash } from 'node:crypto';
import type { Receiver } from '../models/health-state.js';
import type { Store } from '../store/store.js';

/** What alerts wait for, and what became of the last attempt. */
export interface WebhookState {
  /** Alerts with messages that no receiver has taken yet. */
  readonly waiting: number;
  /** null before the first attempt at this URL. */
  readonly lastAttempt: { readonly at: Date; readonly reason: string | null } | null;
}

/**
 * Keeps for deep health what came of an attempt.
 * @param reason why it failed; null where the receiver has taken the message
 * @throws AppError MONGODB_*
 */
export async function recordDelivery(
  { health }: Pick<Store, 'health'>,
  receiver: Receiver,
  url: string,
  reason: string | null,
): Promise<void> {
  await health.recordDelivery(receiver, { target: markOf(url), reason });
}

/** @throws AppError MONGODB_* */
export async function readWebhookState(
  { alerts, health }: Pick<Store, 'alerts' | 'health'>,
  url: string,
): Promise<WebhookState> {
  const waiting = await alerts.countWaiting();
  return { waiting, lastAttempt: await readLastAttempt({ health }, 'webhook', url) };
}

/** What came of the last attempt at this URL; null: there was none. @throws AppError MONGODB_* */
export async function readLastAttempt(
  { health }: Pick<Store, 'health'>,
  receiver: Receiver,
  url: string,
): Promise<WebhookState['lastAttempt']> {
  const { at, delivery } = (await health.findDelivery(receiver)) ?? {};
  const isOfThis = at !== undefined && delivery?.target === markOf(url);
  return isOfThis ? { at, reason: delivery.reason } : null;
}

function markOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 16);
}
