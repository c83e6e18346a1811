import type { Types } from 'mongoose';
import type { ErrorFields } from '../errors/error-fields.js';

/** A run that can't be started, for one cause, as long as that lasts. */
export interface Refusal extends ErrorFields {
  /** Its entry in the history. */
  historyId: Types.ObjectId;
  since: Date;
  lastTime: Date;
  /** Starts that were refused. */
  count: number;
  /** Which tenant and gateway were asked for: another site's table may well be startable there. */
  source: string;
}
