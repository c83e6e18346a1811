import { Schema } from 'mongoose';

/** An ION access token shared by all instances, encrypted at rest. */
export interface IonToken {
  /** Hash of tenant, client and service account. */
  _id: string;
  /** The token and its times, see security/sealing.ts; absent before the first one. */
  sealed?: string;
  /** Who is getting a new one, since when by MongoDB's clock. */
  renewal?: { owner: string; at: Date };
  /** When MongoDB may remove the document; the token's own end is within `sealed`. */
  expiresAt: Date;
}

export const ionTokenSchema = new Schema<IonToken>(
  {
    _id: String,
    sealed: String,
    renewal: { owner: String, at: Date },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'iontokens' },
);
ionTokenSchema.index({ expiresAt: 1 }, { name: 'tokens_expire', expireAfterSeconds: 0 });
