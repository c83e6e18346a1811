import { Schema } from 'mongoose';
import type { StoredError } from '../errors/app-error.js';

/** What deep health leaves for other instances, and for its next call. */
export interface HealthState {
  _id: 'write' | 'query';
  /** When this was last written, by MongoDB's clock. */
  at?: Date;
  /** Whose turn it is to ask the lake, since when, and which lake. */
  claim?: { owner: string; at: Date; source: string };
  result?: QueryResult;
}

/** What became of the trivial query; `ms` from its sending to its end. */
export interface QueryResult {
  askedAt: Date;
  source: string;
  object: string;
  ms: number;
  /** It had not ended in the time that there was for it. */
  slow?: true;
  error?: StoredError;
}

export const healthStateSchema = new Schema<HealthState>(
  { _id: String, at: Date, claim: Schema.Types.Mixed, result: Schema.Types.Mixed },
  { collection: 'healthstates', versionKey: false, minimize: false },
);
