import { Schema } from 'mongoose';

/** One change that somebody made through the API. Never holds a secret. */
export interface AuditEntry {
  at: Date;
  /** The name of the token; `anyone` where the site asks for none. */
  caller: string;
  /** Where the request came from, where the platform tells. */
  address: string | null;
  requestId: string;
  /** What was done, e.g. `config.update`. */
  action: string;
  /** What it was done to: a tableId, a job's or an entry's id, the key of a setting. */
  target: string | null;
  tableId?: string;
  /** The fields that differ, as they were and as they are. */
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
}

const KEPT_DAYS = 400;

export const auditSchema = new Schema<AuditEntry>(
  {
    at: { type: Date, required: true },
    caller: { type: String, required: true },
    address: { type: String, default: null },
    requestId: { type: String, required: true },
    action: { type: String, required: true },
    target: { type: String, default: null },
    tableId: String,
    before: Schema.Types.Mixed,
    after: Schema.Types.Mixed,
  },
  { collection: 'syncaudits', minimize: false, versionKey: false, strict: 'throw' },
);
auditSchema.index({ at: -1, _id: -1 }, { name: 'newest_first' });
auditSchema.index({ tableId: 1, at: -1, _id: -1 }, { name: 'newest_of_a_table_first' });
auditSchema.index({ action: 1, at: -1, _id: -1 }, { name: 'newest_of_an_action_first' });
auditSchema.index({ caller: 1, at: -1, _id: -1 }, { name: 'newest_of_a_caller_first' });
auditSchema.index({ at: 1 }, { name: 'expiry', expireAfterSeconds: KEPT_DAYS * 86_400 });
