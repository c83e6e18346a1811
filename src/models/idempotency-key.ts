import { Schema, type Types } from 'mongoose';

/** An answer as it is sent again. */
export interface StoredAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** JSON. */
  body: string;
}

/**
 * One `Idempotency-Key` of one caller at one endpoint: being worked on (`leaseUntil`), answered
 * (`answer`), or free (neither).
 */
export interface IdempotencyKey {
  /** A hash of caller, endpoint and key. */
  _id: string;
  /** A hash of the request's query and body. */
  request: string;
  /** Of the request that works on it, or has. */
  owner: Types.ObjectId;
  /** Of the run or the history entry that the request makes: a repeated request makes the same one. */
  workId: Types.ObjectId;
  /** Then the request is taken for dead. */
  leaseUntil?: Date;
  answer?: StoredAnswer;
  expireAt: Date;
}

export const idempotencyKeySchema = new Schema<IdempotencyKey>(
  {
    _id: String,
    request: { type: String, required: true },
    owner: { type: Schema.Types.ObjectId, required: true },
    workId: { type: Schema.Types.ObjectId, required: true },
    leaseUntil: Date,
    answer: Schema.Types.Mixed,
    expireAt: { type: Date, required: true },
  },
  { collection: 'syncidempotencykeys', versionKey: false },
);
idempotencyKeySchema.index({ expireAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });
