import { Schema, type Types } from 'mongoose';
import type { ErrorFields } from '../errors/error-fields.js';
import type { RunProof } from './reading.js';
import type { Refusal } from './refusal.js';
import { type CountFields, countFields } from './row-counts.js';
import type { Tally } from './run-totals.js';
import type { JobOutcome, JobStatus, SyncMode } from './sync-job.js';

/** One run as the user reviews it; there from the run's start. */
export interface SyncHistory extends ErrorFields, CountFields<'entry'> {
  _id: Types.ObjectId;
  tableId: string;
  tableName: string;
  syncJobId: string;
  status: JobStatus;
  outcome?: JobOutcome;
  mode?: SyncMode;
  startTime: Date;
  endTime?: Date;
  durationMs?: number;
  proof?: RunProof;
  options: Record<string, unknown>;
  /** There was no run: none could be started, so often since. */
  refusal?: Pick<Refusal, 'since' | 'lastTime' | 'count'>;
  /** Never shown. */
  tally?: Tally;
  createdAt: Date;
  updatedAt: Date;
}

export const KEEP_HISTORY_DAYS = 400;

/** The counts of an entry of which nothing was read. */
export const NO_RECORDS = countFields('entry', () => 0);

export const syncHistorySchema = new Schema<SyncHistory>(
  {
    tableId: { type: String, required: true },
    tableName: { type: String, required: true },
    syncJobId: { type: String, required: true },
    status: { type: String, required: true },
    outcome: String,
    mode: String,
    startTime: { type: Date, required: true },
    endTime: Date,
    durationMs: Number,
    ...countFields('entry', () => ({ type: Number, default: 0 })),
    proof: Schema.Types.Mixed,
    error: String,
    errorCode: String,
    errorDetails: Schema.Types.Mixed,
    options: { type: Schema.Types.Mixed, default: {} },
    refusal: Schema.Types.Mixed,
    tally: Schema.Types.Mixed,
  },
  {
    collection: 'synchistories',
    timestamps: true,
    minimize: false,
    // An entry of the earlier version is known by it.
    versionKey: false,
  },
);
// Of the list under each of its filters, newest first.
syncHistorySchema.index({ startTime: -1, _id: -1 }, { name: 'newest_first' });
syncHistorySchema.index(
  { tableId: 1, startTime: -1, _id: -1 },
  { name: 'newest_of_a_table_first' },
);
syncHistorySchema.index(
  { status: 1, startTime: -1, _id: -1 },
  { name: 'newest_of_a_status_first' },
);
syncHistorySchema.index(
  { tableId: 1, status: 1, startTime: -1, _id: -1 },
  { name: 'newest_of_table_and_status_first' },
);
/** The entries whose last change is not counted: hardly ever more than one per table. */
export const TO_COUNT = 'entries_to_count';
syncHistorySchema.index(
  { 'tally.due': 1 },
  { name: TO_COUNT, partialFilterExpression: { 'tally.due': { $exists: true } } },
);
syncHistorySchema.index(
  { startTime: 1 },
  { name: 'history_expires', expireAfterSeconds: KEEP_HISTORY_DAYS * 86_400 },
);
