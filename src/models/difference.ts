import { Schema } from 'mongoose';
import { DIFFERENCE_KINDS, type Difference } from './reconcile.js';

const KEEP_RESOLVED_DAYS = 30;

export const differenceSchema = new Schema<Difference>(
  {
    tableId: { type: String, required: true },
    key: { type: String, required: true },
    jobId: { type: Schema.Types.ObjectId, required: true },
    kind: { type: String, enum: DIFFERENCE_KINDS },
    open: Boolean,
    firstSeenAt: { type: Date, required: true },
    lastSeenAt: { type: Date, required: true },
    lakeModifiedAt: Date,
    storedModifiedAt: Date,
    serialKey: String,
    absentSince: Date,
    heldIn: String,
    resolvedAt: Date,
    resolution: String,
  },
  { collection: 'syncdifferences', versionKey: false },
);
differenceSchema.index({ tableId: 1, key: 1 }, { unique: true, name: 'one_difference_a_document' });
// Of the list: the oldest first, since their age is what counts.
differenceSchema.index({ tableId: 1, open: 1, firstSeenAt: 1, _id: 1 }, { name: 'oldest_first' });
differenceSchema.index(
  { resolvedAt: 1 },
  { name: 'resolved_differences_expire', expireAfterSeconds: KEEP_RESOLVED_DAYS * 86_400 },
);
