import { Schema } from 'mongoose';
import type { StoredError } from '../errors/app-error.js';

/** What deep health leaves for other instances and its next call, and alerts for deep health. */
export interface HealthState {
  _id: 'write' | 'query' | Receiver;
  /** When this was last written, by MongoDB's clock. */
  at?: Date;
  /** Whose turn it is to ask the lake, since when, and which lake. */
  claim?: { owner: string; at: Date; source: string };
  result?: QueryResult;
  /** What came of the last attempt to deliver an alert or a heartbeat; `at` is when. */
  delivery?: DeliveryResult;
}

/** Who is told something: of alerts, or that passes of the schedule end. */
export type Receiver = 'webhook' | 'heartbeat';

export interface DeliveryResult {
  /** A mark of the URL, so that a failure counts for the one that failed only. */
  target: string;
  /** Why the receiver has not taken it; null where it has. */
  reason: string | null;
}

/** What became of the trivial query; `ms` from its sending to its end. */
export interface QueryResult {
  askedAt: Date;
  source: string;
  object: string;
  ms: number;
  /** It had not ended in the time that there was for it. */
  slow?: true;
  error?: StoredError;
}

export const healthStateSchema = new Schema<HealthState>(
  {
    _id: String,
    at: Date,
    claim: Schema.Types.Mixed,
    result: Schema.Types.Mixed,
    delivery: Schema.Types.Mixed,
  },
  { collection: 'healthstates', versionKey: false, minimize: false },
);
