import { createHash } from 'node:crypto';
import type { Models } from '../models/index.js';
import { native } from '../store/driver/native.js';
import { type RetryBudget, withRetry } from '../store/driver/retry.js';
import type { AlertStore } from './raise.js';

interface HealthStore extends Pick<AlertStore, 'clock'> {
  readonly models: Pick<Models, 'health'>;
}

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
  { models, clock }: HealthStore,
  url: string,
  reason: string | null,
): Promise<void> {
  const delivery = { target: markOf(url), reason };
  const update = { $set: { delivery }, $currentDate: { at: true as const } };
  const states = native(models.health);
  await withRetry(() => states.updateOne({ _id: 'webhook' }, update, { upsert: true }), { clock });
}

/** @throws AppError MONGODB_* */
export async function readWebhookState(
  { alerts, health }: Pick<Models, 'alerts' | 'health'>,
  url: string,
  scope: RetryBudget,
): Promise<WebhookState> {
  const waiting = await withRetry(
    () => native(alerts).countDocuments({ 'outbox.0': { $exists: true } }),
    scope,
  );
  const stored = await withRetry(() => native(health).findOne({ _id: 'webhook' }), scope);
  const { at, delivery } = stored ?? {};
  const isOfThis = at !== undefined && delivery?.target === markOf(url);
  return { waiting, lastAttempt: isOfThis ? { at, reason: delivery.reason } : null };
}

function markOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 16);
}
