import type { mongo } from 'mongoose';
import { toAppError } from '../errors/app-error.js';
import type { Alert, AlertEvent, AlertMessage } from '../models/alert.js';
import { CollectionStore } from './driver/collection-store.js';
import { isDuplicateKey } from './driver/mongo-error.js';

/** An alert that is about to be opened, for the first time or again. */
type NewAlert = Pick<Alert, '_id' | 'tableId' | 'tableName' | 'event' | 'cause' | 'since'> &
  Required<Pick<Alert, 'urgent'>>;

/** A table's alerts of these events that have no cause, or its alerts of these causes. */
export type AlertSelection = { readonly tableId: string } & (
  | { readonly events: readonly AlertEvent[] }
  | { readonly causes: readonly string[] }
);

/** An alert with messages to send, and MongoDB's time when it was read. */
export type WaitingAlert = Pick<Alert, '_id' | 'claimedAt'> & { readonly now: Date };

const HAS_MESSAGES = { 'outbox.0': { $exists: true } };

/**
 * One document per table and event, with its messages that are still to be sent (the outbox):
 * `alerts`. Through the driver: an alert and its outbox change together, only if they are as they
 * were read, and claims use MongoDB's clock (`$currentDate`). Every operation throws AppError
 * MONGODB_*.
 */
export class AlertStore extends CollectionStore<Alert> {
  /** Counts another raise of an open alert. @returns the updated alert; null: it is not open */
  countRaise(_id: string): Promise<Alert | null> {
    const update = { $inc: { count: 1 } };
    return this.run(() =>
      this.collection.findOneAndUpdate({ _id, open: true }, update, { returnDocument: 'after' }),
    );
  }

  /** Queues a further message of an open alert, unless another caller has since it was read. */
  async remind(
    { _id, queuedAt }: Alert,
    message: AlertMessage,
    changes: Pick<Alert, 'queuedAt' | 'urgent'>,
  ): Promise<void> {
    const asRead = { _id, open: true, queuedAt };
    await this.run(() => this.collection.updateOne(asRead, queue(message, changes)));
  }

  /**
   * Opens an alert and queues its first message.
   * @returns false if another caller has just opened it
   */
  async open({ _id, since, urgent, ...about }: NewAlert, message: AlertMessage): Promise<boolean> {
    const fresh = { ...about, open: true, since, count: 1, queuedAt: since, urgent };
    const update = queue(message, fresh);
    try {
      await this.run(() =>
        this.collection.updateOne({ _id, open: false }, update, { upsert: true }),
      );
      return true;
    } catch (error) {
      if (!isDuplicateKey(toAppError(error).cause)) throw error;
      return false;
    }
  }

  listOpen({ tableId, ...selected }: AlertSelection): Promise<Alert[]> {
    const which =
      'events' in selected
        ? { event: { $in: [...selected.events] }, cause: { $exists: false } }
        : { cause: { $in: [...selected.causes] } };
    const filter: mongo.Filter<Alert> = { tableId, ...which, open: true };
    return this.run(() => this.collection.find(filter).toArray());
  }

  /**
   * Closes an open alert.
   * @param message queued when it is closed; undefined: no message about the end is sent
   */
  async close({ _id, since }: Alert, message: AlertMessage | undefined): Promise<void> {
    const closed = { open: false };
    const update = message ? queue(message, closed) : { $set: closed };
    await this.run(() => this.collection.updateOne({ _id, open: true, since }, update));
  }

  /**
   * Alerts with messages to send. Those tried longest ago come first, so that one message can't
   * block the others.
   * @param which `new`: only those without a failed attempt
   */
  listWaiting(which: 'new' | 'all'): Promise<WaitingAlert[]> {
    const untried = which === 'new' && { triedAt: { $exists: false } };
    const pipeline = [
      { $match: { ...HAS_MESSAGES, ...untried } },
      { $sort: { triedAt: 1, queuedAt: 1, _id: 1 } },
      { $set: { now: '$$NOW' } },
    ];
    return this.run(() => this.collection.aggregate<WaitingAlert>(pipeline).toArray());
  }

  countWaiting(): Promise<number> {
    return this.run(() => this.collection.countDocuments(HAS_MESSAGES));
  }

  /**
   * Claims the delivery of the alert's first message.
   * @param held the time of another caller's claim, as it was read
   * @returns null if another caller has just claimed it, or there is no message
   */
  claimDelivery(_id: string, held: Date | undefined): Promise<Alert | null> {
    const asRead = { _id, ...HAS_MESSAGES, ...claimedSince(held ?? { $exists: false }) };
    const update = { $currentDate: { claimedAt: true as const } };
    return this.run(() =>
      this.collection.findOneAndUpdate(asRead, update, { returnDocument: 'after' }),
    );
  }

  /** Removes the first message of an alert that the caller has claimed. */
  async removeFirstMessage({ _id, claimedAt }: Alert): Promise<void> {
    const update: mongo.UpdateFilter<Alert> = {
      $pop: { outbox: -1 },
      $unset: { claimedAt: '', triedAt: '' },
    };
    const mine = { _id, ...claimedSince(claimedAt) };
    await this.run(() => this.collection.updateOne(mine, update));
  }

  /** Keeps the first message of an alert that the caller has claimed for another attempt. */
  async recordVainAttempt({ _id, claimedAt }: Alert): Promise<void> {
    const update: mongo.UpdateFilter<Alert> = {
      $currentDate: { triedAt: true },
      $unset: { claimedAt: '' },
    };
    const mine = { _id, ...claimedSince(claimedAt) };
    await this.run(() => this.collection.updateOne(mine, update));
  }
}

/** The driver's types allow no condition on a field that may be undefined. */
function claimedSince(claimedAt: Date | { $exists: false } | undefined): mongo.Filter<Alert> {
  return { claimedAt } as mongo.Filter<Alert>;
}

/** Sets fields and queues a message in one update, so that neither can be stored without the other. */
function queue(message: AlertMessage, set: Partial<Alert>): mongo.UpdateFilter<Alert> {
  return { $set: set, $push: { outbox: message } };
}
