import { createHash } from 'node:crypto';
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
  url: string,
  reason: string | null,
): Promise<void> {
  await health.recordDelivery({ target: markOf(url), reason });
}

/** @throws AppError MONGODB_* */
export async function readWebhookState(
  { alerts, health }: Pick<Store, 'alerts' | 'health'>,
  url: string,
): Promise<WebhookState> {
  const waiting = await alerts.countWaiting();
  const { at, delivery } = (await health.findDelivery()) ?? {};
  const isOfThis = at !== undefined && delivery?.target === markOf(url);
  return { waiting, lastAttempt: isOfThis ? { at, reason: delivery.reason } : null };
}

function markOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 16);
}
