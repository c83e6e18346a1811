import { Schema } from 'mongoose';

/** What all instances know of one tenant's quota of calls to the lake; by MongoDB's clock. */
export interface LakeQuota {
  /** Hash of tenant and gateway. */
  _id: string;
  /** When the last queries were sent, or will be; oldest first. */
  turns?: Date[];
  /** Of all turns that were ever taken; who finds it changed has lost a race. */
  turnCount?: number;
  /** No call is made until then: the lake has answered 429. */
  pausedUntil?: Date;
  /** How long the pause before that time was, in milliseconds. */
  pauseMs?: number;
}

export const lakeQuotaSchema = new Schema<LakeQuota>(
  { _id: String, turns: [Date], turnCount: Number, pausedUntil: Date, pauseMs: Number },
  { collection: 'lakequotas' },
);
