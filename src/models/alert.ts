import { Schema } from 'mongoose';
import type { StoredError } from '../errors/app-error.js';

/** What can go wrong with a table, or with the schedule, and stay so until it is over. */
export type AlertEvent =
  | 'failed'
  | 'paused'
  | 'stalled'
  | 'rejects'
  | 'source_not_fresh'
  | 'schedule_silent'
  | 'differences'
  | 'deletes_held'
  | 'columns_changed';

/** What is sent of an alert, as a receiver gets it but for the table and `id`. */
export interface AlertMessage {
  /** Sent as `webhook-id`, not in the body; earlier versions have stored none. */
  id?: string;
  /** `recovered`: the alert that `details.from` names is over. */
  event: AlertEvent | 'recovered';
  message: string;
  at: Date;
  jobId?: string;
  historyId?: string;
  error?: StoredError;
  details?: Record<string, unknown>;
}

/**
 * One event of one table: whether it is going on, and what of it is still to be sent. There
 * is one document for each, used again and again, so their number never grows.
 */
export interface Alert {
  /** `tableId|event`, or `tableId|event|cause` */
  _id: string;
  tableId: string;
  tableName: string;
  event: AlertEvent;
  /** Why no run can be started, where that is the event. */
  cause?: string;
  /** It has been raised and is not over. */
  open: boolean;
  /** When it was opened, and how often it was raised since. */
  since: Date;
  count: number;
  /** When a message was last put into the outbox while it is open. */
  queuedAt: Date;
  /** An urgent message has been queued since it was opened. */
  urgent?: boolean;
  /** Messages that no receiver has taken yet, the oldest first. */
  outbox: AlertMessage[];
  /** When somebody began to deliver the first of them, by MongoDB's clock. */
  claimedAt?: Date;
  /** When it was last tried in vain, by MongoDB's clock. */
  triedAt?: Date;
}

export const alertSchema = new Schema<Alert>(
  {
    _id: String,
    tableId: { type: String, required: true },
    tableName: { type: String, required: true },
    event: { type: String, required: true },
    cause: String,
    open: { type: Boolean, required: true },
    since: { type: Date, required: true },
    count: { type: Number, default: 0 },
    queuedAt: { type: Date, required: true },
    urgent: Boolean,
    outbox: { type: Schema.Types.Mixed, default: [] },
    claimedAt: Date,
    triedAt: Date,
  },
  { collection: 'alerts', versionKey: false, minimize: false },
);
