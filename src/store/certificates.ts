import type { mongo, Types } from 'mongoose';
import type { Certificate } from '../models/reconcile.js';
import { CollectionStore } from './driver/collection-store.js';

/** Certificates: `synccertificates`, one per reconciling run. Every operation throws AppError MONGODB_*. */
export class CertificateStore extends CollectionStore<Certificate> {
  /** Can be repeated: a stored certificate does not change. */
  async record(certificate: Certificate): Promise<void> {
    const draft = new this.model(certificate);
    await this.run(() => draft.validate());
    const { _id, ...fields } = certificate;
    const update = { $setOnInsert: fields } as mongo.UpdateFilter<Certificate>;
    await this.run(() => this.collection.updateOne({ _id }, update, { upsert: true }));
  }

  find(jobId: Types.ObjectId): Promise<Certificate | null> {
    return this.run(() => this.collection.findOne({ _id: jobId }));
  }

  /** The latest one of the whole table; not one of a run that only applied a list of deletes. */
  latest(tableId: string): Promise<Certificate | null> {
    const whole = { tableId, 'exceptions.reason': { $ne: 'list_only' } };
    return this.run(() => this.collection.findOne(whole, { sort: { endedAt: -1 } }));
  }

  /** The latest certificate of each table that has one, by table. */
  async latestByTable(tableIds: readonly string[]): Promise<ReadonlyMap<string, Certificate>> {
    // One index look-up per table; a single query for all tables would read every certificate.
    const found = await Promise.all(tableIds.map((tableId) => this.latest(tableId)));
    const present = found.filter((one) => one !== null);
    return new Map(present.map((one) => [one.tableId, one]));
  }

  /** The latest certificate with this verdict; null: there was none, or it has expired. */
  latestWith(tableId: string, verdict: Certificate['verdict']): Promise<Certificate | null> {
    return this.run(() => this.collection.findOne({ tableId, verdict }, { sort: { endedAt: -1 } }));
  }
}
