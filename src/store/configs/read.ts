import type { mongo } from 'mongoose';
import type { SyncConfig } from '../../models/sync-config.js';
import { CollectionStore } from '../driver/collection-store.js';

/** A configuration as it is stored. */
export type StoredConfig = mongo.WithId<SyncConfig>;

/** A configuration, and MongoDB's time when it was read. */
export type ConfigWithNow = StoredConfig & { now: Date };

const BY_TABLE = { tableId: 1 } as const;
const WITH_NOW = { $set: { now: '$$NOW' } };
const ON_SCHEDULE = { enabled: true, pausedReason: { $exists: false } };

/**
 * Reads of the configurations. They go through the driver: a configuration of an earlier version
 * must be seen as it is stored, and Mongoose would cast it and add defaults.
 * Every operation throws AppError MONGODB_*.
 */
export class ConfigReader extends CollectionStore<SyncConfig> {
  find(tableId: string): Promise<StoredConfig | null> {
    return this.run(() => this.collection.findOne({ tableId }));
  }

  /** The configuration of one table, or of all tables; sorted by tableId. */
  list(tableId?: string): Promise<StoredConfig[]> {
    const filter = tableId === undefined ? {} : { tableId };
    return this.run(() => this.collection.find(filter).sort(BY_TABLE).toArray());
  }

  /** All configurations, each with MongoDB's time; sorted by tableId. */
  listWithNow(): Promise<ConfigWithNow[]> {
    return this.aggregate([{ $sort: BY_TABLE }, WITH_NOW]);
  }

  listEnabled(): Promise<StoredConfig[]> {
    return this.run(() => this.collection.find({ enabled: true }).sort(BY_TABLE).toArray());
  }

  async findWithNow(tableId: string): Promise<ConfigWithNow | undefined> {
    const [config] = await this.aggregate<ConfigWithNow>([{ $match: { tableId } }, WITH_NOW]);
    return config;
  }

  listEnabledWithNow(): Promise<ConfigWithNow[]> {
    return this.aggregate([{ $match: { enabled: true } }, WITH_NOW]);
  }

  /** Configurations that the schedule runs, sorted by tableId. */
  listScheduled(): Promise<ConfigWithNow[]> {
    return this.aggregate([{ $match: ON_SCHEDULE }, WITH_NOW, { $sort: BY_TABLE }]);
  }

  /** Configurations that the schedule runs, sorted by due time. */
  listScheduledByDueTime(): Promise<ConfigWithNow[]> {
    const dueAt = { $ifNull: ['$nextRunAt', new Date(0)] };
    return this.aggregate([
      { $match: ON_SCHEDULE },
      { $set: { now: '$$NOW', dueAt } },
      { $sort: { dueAt: 1, tableId: 1 } },
    ]);
  }

  /** Enabled ones with refused starts, except those paused for this reason; sorted by tableId. */
  listRefused(exceptPausedFor: string): Promise<StoredConfig[]> {
    const filter = {
      enabled: true,
      pausedReason: { $ne: exceptPausedFor },
      refusals: { $exists: true },
    };
    return this.run(() => this.collection.find(filter).sort(BY_TABLE).toArray());
  }

  /** When the first configuration was created, and MongoDB's time; undefined: there is none. */
  async findOldest(): Promise<{ createdAt?: Date; now: Date } | undefined> {
    const [oldest] = await this.aggregate<{ createdAt?: Date; now: Date }>([
      { $sort: { createdAt: 1 } },
      { $limit: 1 },
      { $project: { createdAt: 1, now: '$$NOW' } },
    ]);
    return oldest;
  }

  /** The hash of the configured warehouses; undefined: there is no configuration. */
  async scopeHashOf(tableId: string): Promise<{ scopeHash: string } | undefined> {
    const only = { projection: { scopeHash: 1 } };
    return (await this.run(() => this.collection.findOne({ tableId }, only))) ?? undefined;
  }

  /** Whether there is any: the cheapest read that shows if the database user may read. */
  async hasAny(): Promise<boolean> {
    const only = { projection: { _id: 1 } };
    return (await this.run(() => this.collection.findOne({}, only))) !== null;
  }

  get databaseName(): string {
    return this.model.db.getClient().db().databaseName;
  }

  private aggregate<T extends mongo.Document>(pipeline: mongo.Document[]): Promise<T[]> {
    return this.run(() => this.collection.aggregate<T>(pipeline).toArray());
  }
}
