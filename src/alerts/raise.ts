import { randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { Clock } from '../clock.js';
import { toAppError } from '../errors/app-error.js';
import type { Alert, AlertEvent, AlertMessage } from '../models/alert.js';
import type { Models } from '../models/index.js';
import { isDuplicateKey } from '../store/driver/mongo-error.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import { RejectStore } from '../store/rejects.js';
import { type Notice, recoveredMessage } from './alert.js';

/** An open alert that is raised on and on is sent again after this time. */
const REMIND_MS = 24 * 60 * 60_000;

export interface AlertStore {
  readonly models: Pick<Models, 'alerts' | 'rejects'>;
  readonly clock: Clock;
}

export interface Subject {
  readonly tableId: string;
  readonly tableName: string;
}

/**
 * Opens the event's alert and puts a message into its outbox; if it is open already, counts, and
 * sends only a reminder once a day, or what is urgent for the first time.
 * Every step may be repeated, by the same caller or by another one at the same time.
 * @throws AppError MONGODB_*
 */
export async function raise(
  store: AlertStore,
  { tableId, tableName }: Subject,
  notice: Notice,
): Promise<void> {
  const { clock } = store;
  const alerts = native(store.models.alerts);
  const { urgent = false, cause, ...content } = notice;
  const { event } = notice;
  const _id = [tableId, event, ...(cause ? [cause] : [])].join('|');
  const now = new Date(clock.now());
  const message: AlertMessage = { ...content, id: messageId(), at: now };
  const counted = await withRetry(
    () =>
      alerts.findOneAndUpdate(
        { _id, open: true },
        { $inc: { count: 1 } },
        { returnDocument: 'after' },
      ),
    store,
  );
  if (counted) {
    const { since, count, queuedAt } = counted;
    const isNews = urgent && !counted.urgent;
    if (!isNews && queuedAt.getTime() + REMIND_MS > now.getTime()) return;
    const again = { ...message, details: { ...message.details, since, count } };
    await withRetry(
      () =>
        alerts.updateOne(
          { _id, open: true, queuedAt },
          queue(again, { queuedAt: now, ...(urgent && { urgent }) }),
        ),
      store,
    );
    return;
  }
  const about = { tableId, tableName, event, ...(cause && { cause }) };
  const fresh = { ...about, open: true, since: now, count: 1, queuedAt: now, urgent };
  try {
    await withRetry(
      () => alerts.updateOne({ _id, open: false }, queue(message, fresh), { upsert: true }),
      store,
    );
  } catch (error) {
    if (!isDuplicateKey(toAppError(error).cause)) throw error;
    // Somebody else has just opened it: now there is something to count.
    await raise(store, { tableId, tableName }, notice);
  }
}

/**
 * Ends those of the table's alerts that are open and over.
 * @param told whether their ends are to be sent
 * @throws AppError MONGODB_*
 */
export async function close(
  store: AlertStore,
  { tableId, tableName }: Subject,
  events: readonly AlertEvent[],
  told: () => Promise<boolean>,
): Promise<void> {
  // An alert with a cause of its own ends with that.
  const filter = { tableId, event: { $in: [...events] }, cause: { $exists: false } };
  await closeMatching(store, { tableId, tableName }, filter, told);
}

/** Ends those of the table's alerts that have one of these causes. @throws AppError MONGODB_* */
export async function closeCauses(
  store: AlertStore,
  subject: Subject,
  causes: readonly string[],
  told: () => Promise<boolean>,
): Promise<void> {
  const filter = { tableId: subject.tableId, cause: { $in: [...causes] } };
  await closeMatching(store, subject, filter, told);
}

async function closeMatching(
  store: AlertStore,
  { tableId, tableName }: Subject,
  matching: mongo.Filter<Alert>,
  told: () => Promise<boolean>,
): Promise<void> {
  const alerts = native(store.models.alerts);
  // Nearly every run finds none.
  const filter = { ...matching, open: true };
  const open = await withRetry(() => alerts.find(filter).toArray(), store);
  for (const { _id, event, cause, since, count } of open) {
    if (event === 'rejects' && (await hasRejects(store, tableId))) continue;
    const message: AlertMessage = {
      id: messageId(),
      event: 'recovered',
      message: recoveredMessage(tableName, event, cause),
      at: new Date(store.clock.now()),
      details: { from: event, since, count },
    };
    const closed = { open: false };
    const update = (await told()) ? queue(message, closed) : { $set: closed };
    await withRetry(() => alerts.updateOne({ _id, open: true, since }, update), store);
  }
}

/** A run that rejects nothing has not read the rows that earlier ones rejected. */
function hasRejects({ models, clock }: AlertStore, tableId: string): Promise<boolean> {
  return new RejectStore(models.rejects, { clock }).hasOpen(tableId);
}

/** By it a receiver can tell a message that comes twice. */
function messageId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`;
}

/** State and message change together: neither is there without the other. */
function queue(message: AlertMessage, set: Partial<Alert>): mongo.UpdateFilter<Alert> {
  return { $set: set, $push: { outbox: message } };
}
