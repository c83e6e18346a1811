import type { Setting } from '../models/setting.js';
import { CollectionStore } from './driver/collection-store.js';
import { VALIDATED } from './driver/validated.js';

/** Settings of the whole site: `settings`. Every operation throws AppError MONGODB_*. */
export class SettingStore extends CollectionStore<Setting> {
  /** Those that are stored, as they are stored: an earlier version may have written anything. */
  list(keys: readonly string[]): Promise<Setting[]> {
    return this.run(() => this.collection.find({ key: { $in: [...keys] } }).toArray());
  }

  async save({ key, value, description }: Setting, now: Date): Promise<void> {
    const set = { value, description, updatedAt: now };
    const update = { $set: set, $setOnInsert: { createdAt: now } };
    await this.run(() =>
      this.model.updateOne({ key }, update, { ...VALIDATED, upsert: true }).exec(),
    );
  }
}
