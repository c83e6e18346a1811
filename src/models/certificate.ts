import { Schema } from 'mongoose';
import type { Certificate } from './reconcile.js';

const KEEP_DAYS = 400;

export const certificateSchema = new Schema<Certificate>(
  {
    _id: Schema.Types.ObjectId,
    tableId: { type: String, required: true },
    asOf: { type: Date, required: true },
    ceiling: { type: Date, default: null },
    scope: { type: Schema.Types.Mixed, required: true },
    rows: { type: Number, required: true },
    documents: { type: Number, required: true },
    equal: { type: Number, required: true },
    counts: { type: Schema.Types.Mixed, required: true },
    repaired: { type: Number, required: true },
    remaining: { type: Number, required: true },
    held: { type: Number, required: true },
    digest: { type: String, default: '' },
    exceptions: { type: [Schema.Types.Mixed], default: [] } as never,
    verdict: { type: String, required: true, enum: ['equal', 'repaired', 'different', 'unproven'] },
    cost: { type: Schema.Types.Mixed, required: true },
    endedAt: { type: Date, required: true },
  },
  { collection: 'synccertificates', versionKey: false, minimize: false },
);
certificateSchema.index({ tableId: 1, endedAt: -1 }, { name: 'latest_of_a_table' });
certificateSchema.index(
  { endedAt: 1 },
  { name: 'certificates_expire', expireAfterSeconds: KEEP_DAYS * 86_400 },
);
