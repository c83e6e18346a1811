import type { mongo, Types } from 'mongoose';
import type { Certificate } from '../models/reconcile.js';
import { CollectionStore } from './driver/collection-store.js';

/** What reconciling runs have found: `synccertificates`, one per run. Every operation throws AppError MONGODB_*. */
export class CertificateStore extends CollectionStore<Certificate> {
  /** Can be repeated: a certificate that is there already stays as it is. */
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

  /** Not of a run that has only carried out a list of deletes: it says nothing of the rest of the table. */
  latest(tableId: string): Promise<Certificate | null> {
    const whole = { tableId, 'exceptions.reason': { $ne: 'list_only' } };
    return this.run(() => this.collection.findOne(whole, { sort: { endedAt: -1 } }));
  }

  /** The latest of each table that has one, by table. */
  async latestByTable(tableIds: readonly string[]): Promise<ReadonlyMap<string, Certificate>> {
    // Each is one lookup in an index; one query for all of them would read every certificate.
    const found = await Promise.all(tableIds.map((tableId) => this.latest(tableId)));
    const present = found.filter((one) => one !== null);
    return new Map(present.map((one) => [one.tableId, one]));
  }

  /** The latest with this verdict; null: there has been none, or it has expired. */
  latestWith(tableId: string, verdict: Certificate['verdict']): Promise<Certificate | null> {
    return this.run(() => this.collection.findOne({ tableId, verdict }, { sort: { endedAt: -1 } }));
  }
}
