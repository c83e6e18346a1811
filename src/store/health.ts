import type { HealthState } from '../models/health-state.js';
import { CollectionStore } from './driver/collection-store.js';

/**
 * What deep health leaves for its next call: `healthstates`. Through the driver: its times are
 * MongoDB's own (`$currentDate`). Every operation throws AppError MONGODB_*.
 */
export class HealthStore extends CollectionStore<HealthState> {
  /** Writes a document: only that shows whether the database can be written. */
  async probeWrite(): Promise<void> {
    const now = { $currentDate: { at: true as const } };
    await this.run(() => this.collection.updateOne({ _id: 'write' }, now, { upsert: true }));
  }
}
