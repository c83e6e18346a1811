import { Schema } from 'mongoose';

/** How often one caller has started work in one minute; the id names both. */
export interface StartCount {
  _id: string;
  count: number;
  expireAt: Date;
}

export const startCountSchema = new Schema<StartCount>(
  {
    _id: String,
    count: { type: Number, required: true },
    expireAt: { type: Date, required: true },
  },
  { collection: 'syncstartcounts', versionKey: false },
);
startCountSchema.index({ expireAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });
