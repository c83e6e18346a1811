import { mongo } from 'mongoose';
import type { AuditEntry } from '../models/audit.js';
import { CollectionStore } from './driver/collection-store.js';

/** Who has changed what: `syncaudits`. Every operation throws AppError MONGODB_*. */
export class AuditStore extends CollectionStore<AuditEntry> {
  /** Validates the entries by the schema, then stores all of them in one operation. */
  async record(entries: readonly AuditEntry[]): Promise<void> {
    const _ids = entries.map(() => new mongo.ObjectId());
    const documents = entries.map((entry, at) => new this.model({ ...entry, _id: _ids[at] }));
    await this.run(() => Promise.all(documents.map((document) => document.validate())));
    // Upserts, so that an attempt whose answer was lost can be repeated.
    const writes = documents.map((document) => {
      const { _id, ...entry } = document.toObject();
      const update = { $setOnInsert: entry };
      return { updateOne: { filter: { _id }, update, upsert: true } };
    });
    await this.run(() => this.collection.bulkWrite(writes));
  }
}
