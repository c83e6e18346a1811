import { createHmac } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { toAppError } from '../errors/app-error.js';
import type { Alert, AlertMessage } from '../models/alert.js';
import type { AlertStore } from './raise.js';

/** Of the exact bytes of the body: `sha256=` and the HMAC-SHA256 in hexadecimal digits. */
const SIGNATURE_HEADER = 'X-Sync-Signature';

/** For one message, from connecting to the last byte of the answer. */
const TIMEOUT_MS = 5_000;
/** After this time nothing further is sent by one call. */
const BUDGET_MS = 5_000;
/** What is older than this is of no more use to anybody. */
const GIVE_UP_MS = 24 * 60 * 60_000;
/** Who claimed a message and has not said what became of it after this time is gone. */
const CLAIM_MS = 60_000;

/** Sends one POST. @returns the status of its answer @throws AppError where none came */
export type Post = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}) => Promise<number>;

export interface Mailbox extends AlertStore {
  readonly log: Logger;
  readonly post: Post;
  /** Key of the signature; without it messages go unsigned. */
  readonly secret: string | undefined;
  webhookUrl(): Promise<string | null>;
}

/**
 * Sends what the outboxes hold, in each the oldest first, as far as the time goes. What the
 * receiver doesn't take stays for the next call. Several calls at a time send a message once;
 * after a crash it may come twice, with the same body.
 * @param which `new`: only where nothing was tried in vain, so that a receiver that is away
 *   holds up nobody but the schedule's passes
 * @throws AppError MONGODB_*
 */
export async function deliver(mailbox: Mailbox, which: 'new' | 'all'): Promise<void> {
  const until = mailbox.clock.now() + BUDGET_MS;
  const waiting = await waitingAlerts(mailbox, which);
  const url = waiting.length > 0 ? await mailbox.webhookUrl() : null;
  if (url === null) return;
  for (const found of waiting) {
    let held: Date | undefined = found.claimedAt;
    if (held && held.getTime() + CLAIM_MS > found.now.getTime()) continue;
    while (mailbox.clock.now() < until) {
      const claimed = await claim(mailbox, found._id, held);
      if (!claimed || !(await deliverFirst(mailbox, url, claimed))) break;
      held = undefined;
    }
  }
}

type Waiting = Pick<Alert, '_id' | 'claimedAt'> & { now: Date };

/** Those that were tried longest ago come first, so that one message can't hold up all. */
async function waitingAlerts(store: AlertStore, which: 'new' | 'all'): Promise<Waiting[]> {
  const untried = which === 'new' && { triedAt: { $exists: false } };
  const pipeline = [
    { $match: { 'outbox.0': { $exists: true }, ...untried } },
    { $sort: { triedAt: 1, queuedAt: 1, _id: 1 } },
    { $set: { now: '$$NOW' } },
  ];
  const alerts = native(store.models.alerts);
  return withRetry(() => alerts.aggregate<Waiting>(pipeline).toArray(), store);
}

/** Takes the right to deliver the alert's first message, unless somebody else just has. */
async function claim(store: AlertStore, _id: string, held: Date | undefined) {
  const asRead = {
    _id,
    'outbox.0': { $exists: true },
    claimedAt: held ?? { $exists: false },
  } as mongo.Filter<Alert>;
  const alerts = native(store.models.alerts);
  return withRetry(
    () =>
      alerts.findOneAndUpdate(
        asRead,
        { $currentDate: { claimedAt: true } },
        { returnDocument: 'after' },
      ),
    store,
  );
}

/** @returns whether the alert's first message needs no further attempt */
async function deliverFirst(mailbox: Mailbox, url: string, alert: Alert): Promise<boolean> {
  const { _id, claimedAt, outbox } = alert;
  const [message] = outbox;
  const done = message !== undefined && (await isDone(mailbox, url, alert, message));
  const update: mongo.UpdateFilter<Alert> = done
    ? { $pop: { outbox: -1 }, $unset: { claimedAt: '', triedAt: '' } }
    : { $currentDate: { triedAt: true }, $unset: { claimedAt: '' } };
  const mine = { _id, claimedAt } as mongo.Filter<Alert>;
  await withRetry(() => native(mailbox.models.alerts).updateOne(mine, update), mailbox);
  return done;
}

async function isDone(
  { clock, log, post, secret }: Mailbox,
  url: string,
  { tableId, tableName }: Alert,
  message: AlertMessage,
): Promise<boolean> {
  const { event, message: text, at, ...rest } = message;
  const about = { event, tableId };
  if (at.getTime() + GIVE_UP_MS < clock.now()) {
    log.error({ ...about, at }, 'alert given up: no receiver took it for a day');
    return true;
  }
  const body = JSON.stringify({ event, tableId, tableName, message: text, at, ...rest });
  const headers = {
    'content-type': 'application/json',
    ...(secret !== undefined && { [SIGNATURE_HEADER]: signatureOf(body, secret) }),
  };
  try {
    const status = await post({ url, headers, body, timeoutMs: TIMEOUT_MS });
    if (status >= 200 && status < 300) return true;
    log.warn({ ...about, status }, 'alert not taken');
  } catch (thrown) {
    // The address is never logged: for many receivers its path is the password.
    log.warn({ ...about, err: toAppError(thrown) }, 'alert not delivered');
  }
  return false;
}

function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
