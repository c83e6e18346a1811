import { Schema } from 'mongoose';

/** An ION access token shared by all instances, encrypted at rest. */
export interface IonToken {
  /** Hash of tenant, client and service account. */
  _id: string;
  /** AES-256-GCM: initialisation vector, tag and text, base64. */
  sealed: string;
  expiresAt: Date;
}

export const ionTokenSchema = new Schema<IonToken>(
  {
    _id: String,
    sealed: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'iontokens' },
);
ionTokenSchema.index({ expiresAt: 1 }, { name: 'tokens_expire', expireAfterSeconds: 0 });
