import { mongo } from 'mongoose';
import type { AuditEntry } from '../models/audit.js';
import { withDefaults } from './driver/validated.js';
import { type FoundPage, ListStore, type PageRequest, type Period } from './pages.js';

/** Which entries of the audit a list shows; a field that is left out limits nothing. */
interface AuditSelection extends Period {
  readonly tableId?: string | undefined;
  readonly action?: string | undefined;
  readonly caller?: string | undefined;
}

/** Who has changed what: `audits`. */
export class AuditStore extends ListStore<AuditEntry> {
  protected readonly by = 'at';

  /** One page of the entries, the latest first. @throws AppError MONGODB_* */
  page({
    tableId,
    action,
    caller,
    ...request
  }: AuditSelection & PageRequest): Promise<FoundPage<AuditEntry>> {
    const conditions = {
      ...(tableId !== undefined && { tableId }),
      ...(action !== undefined && { action }),
      ...(caller !== undefined && { caller }),
    };
    return this.findPage(conditions, request);
  }

  /** Validates the entries by the schema, then stores all of them in one operation. */
  async record(entries: readonly AuditEntry[]): Promise<void> {
    const documents = await this.run(() =>
      Promise.all(entries.map((entry) => withDefaults(this.model, entry))),
    );
    // Upserts, so that an attempt whose answer was lost can be repeated.
    const writes = documents.map((document) => {
      const filter = { _id: new mongo.ObjectId() };
      return { updateOne: { filter, update: { $setOnInsert: document }, upsert: true } };
    });
    await this.run(() => this.collection.bulkWrite(writes));
  }
}
