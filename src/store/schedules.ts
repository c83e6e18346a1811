import type { ScheduleState } from '../models/schedule-state.js';
import { CollectionStore } from './driver/collection-store.js';

const _id = 'schedule';

/**
 * The state of the schedule: one document in `schedulestates`. Through the driver: its times are
 * MongoDB's own (`$currentDate`). Every operation throws AppError MONGODB_*.
 */
export class ScheduleStore extends CollectionStore<ScheduleState> {
  find(): Promise<ScheduleState | null> {
    return this.run(() => this.collection.findOne({ _id }));
  }

  /** Records that a pass ends now, by MongoDB's clock. */
  async recordPass(): Promise<void> {
    const now = { $currentDate: { lastPass: true as const } };
    await this.run(() => this.collection.updateOne({ _id }, now, { upsert: true }));
  }

  /** Records the result of the latest order for a worker. */
  async recordDispatch(dispatch: NonNullable<ScheduleState['dispatch']>): Promise<void> {
    const update = { $set: { dispatch } };
    await this.run(() => this.collection.updateOne({ _id }, update, { upsert: true }));
  }
}
