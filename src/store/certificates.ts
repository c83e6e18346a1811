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

  latest(tableId: string): Promise<Certificate | null> {
    return this.run(() => this.collection.findOne({ tableId }, { sort: { endedAt: -1 } }));
  }

  /** The latest of each table that has one, by table. */
  async latestByTable(tableIds: readonly string[]): Promise<ReadonlyMap<string, Certificate>> {
    // In the order of the index, in which MongoDB then looks up one certificate per table.
    const lists = await this.run(() =>
      this.collection
        .aggregate<{ _id: string; latest: Certificate }>([
          { $match: { tableId: { $in: [...tableIds] } } },
          { $sort: { tableId: 1, endedAt: -1 } },
          { $group: { _id: '$tableId', latest: { $first: '$$ROOT' } } },
        ])
        .toArray(),
    );
    return new Map(lists.map(({ _id, latest }) => [_id, latest]));
  }

  /** The latest with this verdict; null: there has been none, or it has expired. */
  latestWith(tableId: string, verdict: Certificate['verdict']): Promise<Certificate | null> {
    return this.run(() => this.collection.findOne({ tableId, verdict }, { sort: { endedAt: -1 } }));
  }
}
