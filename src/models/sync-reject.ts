import { Schema, type Types } from 'mongoose';

/**
 * A row that could not be stored, or not all of it, kept until a later version of it can: one per
 * row, opened again where that happens again.
 */
export interface SyncReject {
  _id: Types.ObjectId;
  tableId: string;
  /** The document's `_id` had it been stored, or its surrogate key. */
  identity: string;
  reason: string;
  column: string;
  message: string;
  /** Present where the row is stored without these columns. `value` is JSON, clipped. */
  unreadable?: { column: string; reason: string; value: string }[];
  /** The lake's row as it came, JSON; above some 4 MB with its long values clipped. */
  raw: string;
  /**
   * The index time of the newest version that is known of the row: of the rejected one, or of
   * the one that arrived after it. A worker that wakes up with an older one changes nothing.
   */
  modifiedAt?: Date;
  /** The run that last met the row. */
  jobId?: string;
  /** Present until the row arrives in a form that can be stored. */
  open?: true;
  firstSeenAt: Date;
  lastSeenAt: Date;
  resolvedAt?: Date;
  /** The row `arrived`, is `gone` from the lake, or was `set_aside` with those of its tenant. */
  resolution?: 'arrived' | 'gone' | 'set_aside';
  /** When a user last had the row fetched again. */
  retriedAt?: Date;
}

const KEEP_RESOLVED_DAYS = 30;

export const syncRejectSchema = new Schema<SyncReject>(
  {
    tableId: { type: String, required: true },
    identity: { type: String, required: true },
    reason: { type: String, required: true },
    column: { type: String, required: true },
    message: { type: String, required: true },
    unreadable: { type: Schema.Types.Mixed, default: undefined },
    raw: { type: String, required: true },
    modifiedAt: Date,
    jobId: String,
    open: Boolean,
    firstSeenAt: { type: Date, required: true },
    lastSeenAt: { type: Date, required: true },
    resolvedAt: Date,
    resolution: String,
    retriedAt: Date,
  },
  { collection: 'syncrejects', minimize: false },
);
syncRejectSchema.index({ tableId: 1, identity: 1 }, { unique: true, name: 'one_reject_a_row' });
syncRejectSchema.index(
  { resolvedAt: 1 },
  { name: 'resolved_rejects_expire', expireAfterSeconds: KEEP_RESOLVED_DAYS * 86_400 },
);
// Of the list under each of its filters, those that were met last first.
syncRejectSchema.index({ open: 1, lastSeenAt: -1, _id: -1 }, { name: 'last_seen_first' });
syncRejectSchema.index(
  { tableId: 1, open: 1, lastSeenAt: -1, _id: -1 },
  { name: 'last_seen_of_a_table_first' },
);
syncRejectSchema.index(
  { reason: 1, open: 1, lastSeenAt: -1, _id: -1 },
  { name: 'last_seen_of_a_reason_first' },
);
syncRejectSchema.index(
  { tableId: 1, retriedAt: 1, lastSeenAt: 1, _id: 1 },
  { name: 'longest_waiting_first', partialFilterExpression: { open: true } },
);
