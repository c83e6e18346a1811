import { Schema, type Types } from 'mongoose';

/**
 * Documents that the lake has no rows for, as one list that is let through or held as a whole. Its
 * keys are the differences with its hash.
 */
export interface DeleteList {
  tableId: string;
  /** Of the keys and versions on it. */
  hash: string;
  jobId: Types.ObjectId;
  /** Documents on the list, and live documents of the table when it was made. */
  deletes: number;
  documents: number;
  /** Why it is held, or was until somebody confirmed it; empty where it was let through at once. */
  reasons: string[];
  /** `replaced`: a later list took its place before anybody decided. */
  state: 'held' | 'applied' | 'discarded' | 'replaced';
  createdAt: Date;
  /** Applied lists count against the guard from then on. */
  decidedAt?: Date;
  /** Documents that were really deleted. */
  deleted?: number;
}

const KEEP_DAYS = 60;

export const deleteListSchema = new Schema<DeleteList>(
  {
    tableId: { type: String, required: true },
    hash: { type: String, required: true },
    jobId: { type: Schema.Types.ObjectId, required: true },
    deletes: { type: Number, required: true },
    documents: { type: Number, required: true },
    reasons: { type: [String], required: true },
    state: {
      type: String,
      required: true,
      enum: ['held', 'applied', 'discarded', 'replaced'],
    },
    createdAt: { type: Date, required: true },
    decidedAt: Date,
    deleted: Number,
  },
  { collection: 'syncdeletelists', versionKey: false },
);
deleteListSchema.index({ tableId: 1, jobId: 1 }, { unique: true, name: 'one_list_a_run' });
deleteListSchema.index({ tableId: 1, state: 1, createdAt: -1 }, { name: 'lists_of_a_table' });
deleteListSchema.index(
  { createdAt: 1 },
  { name: 'delete_lists_expire', expireAfterSeconds: KEEP_DAYS * 86_400 },
);
