import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Alert, AlertMessage } from '../models/alert.js';
import type { Store } from '../store/store.js';
import type { Delivery, Post } from './post.js';
import type { AlertContext } from './raise.js';
import { type Signing, signatureHeaders } from './signing.js';
import { recordDelivery } from './webhook-state.js';

/** For one message, from connecting to the last byte of the answer. */
const TIMEOUT_MS = 5_000;
/** After this time nothing further is sent by one call. */
const BUDGET_MS = 5_000;
/** What is older than this is of no more use to anybody. */
const GIVE_UP_MS = 24 * 60 * 60_000;
/** Who claimed a message and has not said what became of it after this time is gone. */
const CLAIM_MS = 60_000;

export interface Mailbox extends AlertContext {
  readonly store: Pick<Store, 'alerts' | 'rejects' | 'health'>;
  readonly log: Logger;
  readonly post: Post;
  readonly signing: Signing;
  webhookUrl(): Promise<string | null>;
}

/**
 * Sends what the outboxes hold, in each the oldest first, as far as the time goes. What the
 * receiver doesn't take stays for the next call. Several calls at a time send a message once;
 * after a crash it may come twice, with the same id and body.
 * @param which `new`: only where nothing was tried in vain, so that a receiver that is away
 *   holds up nobody but the schedule's passes
 * @throws AppError MONGODB_*
 */
export async function deliver(mailbox: Mailbox, which: 'new' | 'all'): Promise<void> {
  const until = mailbox.clock.now() + BUDGET_MS;
  const { alerts } = mailbox.store;
  const waiting = await alerts.listWaiting(which);
  const url = waiting.length > 0 ? await mailbox.webhookUrl() : null;
  if (url === null) return;
  for (const found of waiting) {
    let held: Date | undefined = found.claimedAt;
    if (held && held.getTime() + CLAIM_MS > found.now.getTime()) continue;
    while (mailbox.clock.now() < until) {
      const claimed = await alerts.claimDelivery(found._id, held);
      if (!claimed || !(await deliverFirst(mailbox, url, claimed))) break;
      held = undefined;
    }
  }
}

/** @returns whether the alert's first message needs no further attempt */
async function deliverFirst(mailbox: Mailbox, url: string, alert: Alert): Promise<boolean> {
  const { store } = mailbox;
  const [message] = alert.outbox;
  const attempt = message && (await tryOnce(mailbox, url, alert, message));
  const isDone = attempt !== undefined && attempt.reason === null;
  if (isDone) await store.alerts.removeFirstMessage(alert);
  else await store.alerts.recordVainAttempt(alert);
  if (attempt?.isSent) await recordDelivery(store, 'webhook', url, attempt.reason);
  return isDone;
}

interface Attempt {
  /** False for a message that is too old, or can't be signed. */
  readonly isSent: boolean;
  /** Why it is to be sent again; null where it is not. */
  readonly reason: string | null;
}

async function tryOnce(
  { clock, log, post, signing }: Mailbox,
  url: string,
  { _id, tableId, tableName }: Alert,
  message: AlertMessage,
): Promise<Attempt> {
  const { event, message: text, at, id: given, ...rest } = message;
  const about = { event, tableId };
  if (at.getTime() + GIVE_UP_MS < clock.now()) {
    log.error({ ...about, at }, 'alert given up: no receiver took it for a day');
    return { isSent: false, reason: null };
  }
  if (signing.scheme === 'unusable') {
    // By another signature, or by none, a receiver could not tell whose it is.
    log.error({ ...about, err: signing.problem }, 'alert not delivered');
    return { isSent: false, reason: signing.problem.message };
  }
  const body = JSON.stringify({ event, tableId, tableName, message: text, at, ...rest });
  const id = given ?? idOf(_id, body);
  const headers = {
    'content-type': 'application/json',
    ...signatureHeaders(signing, { id, body, sentAt: clock.now() }),
  };
  const delivery = await post({ url, headers, body, timeoutMs: TIMEOUT_MS });
  const reason = reasonOf(delivery);
  // The address is never logged: for many receivers its path is the password.
  if (reason !== null) log.warn({ ...about, id, reason }, 'alert not delivered');
  return { isSent: true, reason };
}

/** Why a message does not count as delivered, in words without the URL; null where it does. */
export function reasonOf(delivery: Delivery): string | null {
  if ('problem' in delivery) return delivery.problem;
  const { status } = delivery;
  if (status >= 200 && status < 300) return null;
  const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return `the receiver answered ${status}${redirect}`;
}

/** Of a message that an earlier version has queued: the same whenever it is tried. */
function idOf(alertId: string, body: string): string {
  const hash = createHash('sha256').update(`${alertId}\n${body}`).digest('hex');
  return `msg_${hash.slice(0, 32)}`;
}
