import { Schema } from 'mongoose';
import type { DispatchOutcome } from './sync-job.js';

/** What is known of the schedule itself; one document for the whole site. */
export interface ScheduleState {
  _id: 'schedule';
  /** When the last pass ended, by MongoDB's clock. */
  lastPass?: Date;
  /** What became of the latest order for a worker, whichever run it was for. */
  dispatch?: DispatchOutcome & { jobId: string };
}

export const scheduleStateSchema = new Schema<ScheduleState>(
  { _id: String, lastPass: Date, dispatch: Schema.Types.Mixed },
  { collection: 'schedulestates', versionKey: false, minimize: false },
);
