import type { mongo } from 'mongoose';
import { NO_USAGE, type StoredUsage, USAGE_NAMES, type Usage } from '../models/usage.js';
import { CollectionStore } from './driver/collection-store.js';

export const DAY_MS = 86_400_000;
/** The document of the whole site. */
const SITE = '*';

/** The usage of one day, and of the days before it that are on record. */
export interface TableUsage {
  readonly total: Usage;
  /** The days that were asked for and have any usage, the latest first. */
  readonly days: readonly (Usage & { readonly day: Date })[];
}

/**
 * What runs have used, by table: one document per day, and one with the total: `syncusages`. Through
 * the driver: counters have nothing to validate.
 */
export class UsageStore extends CollectionStore<StoredUsage> {
  /**
   * Adds a slice's usage to the day and to the total. Sent once, since a repetition could count
   * twice: after a failure these figures are too low.
   * @throws what the driver throws
   */
  async add(tableId: string, usage: Usage, now: Date): Promise<void> {
    const day = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
    const ofDay = { _id: `${tableId}|${day.toISOString().slice(0, 10)}`, day };
    const writes = [ofDay, { _id: tableId }].map(({ _id, ...fields }) => ({
      updateOne: {
        filter: { _id },
        update: { $inc: { ...usage }, $setOnInsert: { tableId, ...fields } },
        upsert: true,
      },
    }));
    await this.collection.bulkWrite(writes as mongo.AnyBulkWriteOperation<StoredUsage>[]);
  }

  /** Counts an access token that was requested. Sent once. @throws what the driver throws */
  async countToken(): Promise<void> {
    const update = { $inc: { tokens: 1 }, $setOnInsert: { tableId: SITE } };
    await this.collection.updateOne({ _id: SITE }, update, { upsert: true });
  }

  /** Access tokens that were requested since they are counted. @throws AppError MONGODB_* */
  async tokens(): Promise<number> {
    const site = await this.run(() => this.collection.findOne({ _id: SITE }));
    return site?.tokens ?? 0;
  }

  /** @param since the first day that is wanted @throws AppError MONGODB_* */
  async read(tableIds: readonly string[], since: Date): Promise<ReadonlyMap<string, TableUsage>> {
    const [totals, days] = await Promise.all([
      this.totals(tableIds),
      this.run(() =>
        this.collection
          .find({ day: { $gte: since }, tableId: { $in: [...tableIds] } })
          .sort({ day: -1 })
          .toArray(),
      ),
    ]);
    return new Map(
      tableIds.map((tableId) => {
        const own = days.flatMap(({ tableId: id, day, ...usage }) =>
          id === tableId && day ? [{ day, ...usageOf(usage) }] : [],
        );
        return [tableId, { total: totals.get(tableId) ?? NO_USAGE, days: own }];
      }),
    );
  }

  /** The total of each table that has one. @throws AppError MONGODB_* */
  async totals(tableIds: readonly string[]): Promise<ReadonlyMap<string, Usage>> {
    const found = await this.run(() =>
      this.collection.find({ _id: { $in: [...tableIds] } }).toArray(),
    );
    return new Map(found.map(({ _id, ...usage }) => [_id, usageOf(usage)]));
  }
}

function usageOf(stored: Partial<Usage>): Usage {
  const entries = USAGE_NAMES.map((name) => [name, stored[name] ?? 0]);
  return Object.fromEntries(entries) as Record<keyof Usage, number>;
}
