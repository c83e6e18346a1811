import { mongo } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { ErrorFields } from '../errors/error-fields.js';
import type { Refusal } from '../models/refusal.js';
import type { SyncConfig, SyncConfigSettings, SyncConfigState } from '../models/sync-config.js';
import type { ConfigWithNow, StoredConfig } from './configs/read.js';
import { ConfigRunWriter } from './configs/run-writes.js';
import { settingsChange } from './configs/settings-change.js';
import { isDuplicateKey } from './driver/mongo-error.js';
import { atRevision, RevisionChange, revisionChanged } from './driver/revision.js';
import { VALIDATED, withDefaults } from './driver/validated.js';

export type { ConfigWithNow, StoredConfig } from './configs/read.js';
export type { RunProgress } from './configs/run-writes.js';

/** What the schedule makes of a run or a start. */
type ScheduleChange = Partial<Pick<SyncConfigState, 'failureCount' | 'nextRunAt' | 'pausedReason'>>;

/**
 * The configuration of each table: `syncconfigs`. Updates go through Mongoose, which validates what
 * they set; those that are aggregation pipelines go through the driver, since Mongoose neither
 * casts nor validates a pipeline. So does a new one, which is validated first and keeps all names of
 * its columns. Every operation throws AppError MONGODB_*.
 */
export class ConfigStore extends ConfigRunWriter {
  /** @throws AppError CONFIG_EXISTS */
  async create(config: SyncConfig): Promise<StoredConfig> {
    const given = await this.run(() => withDefaults(this.model, config));
    const document = { ...config, ...given, _id: new mongo.ObjectId() };
    try {
      await this.run(() => this.collection.insertOne(document));
      return document;
    } catch (error) {
      if (!(error instanceof AppError && isDuplicateKey(error.cause))) throw error;
      // It is there already where the answer to an earlier attempt was lost.
      const own = await this.run(() => this.collection.findOne({ _id: document._id }));
      if (!own) throw new AppError('CONFIG_EXISTS');
      return own;
    }
  }

  /** Creates those of tables that have none. @returns how many were created */
  async createMissing(configs: readonly SyncConfig[]): Promise<number> {
    let created = 0;
    for (const config of configs) {
      const { tableId, ...others } = config;
      const { upsertedCount } = await this.run(() =>
        this.model
          .updateOne({ tableId }, { $setOnInsert: others }, { ...VALIDATED, upsert: true })
          .exec(),
      );
      created += upsertedCount;
    }
    return created;
  }

  /**
   * Changes what a user sets of a table, and what depends on it.
   * @param expected the revisions that it may have; undefined: any
   * @returns the configuration as it is then; null: there is none
   * @throws AppError REVISION_CHANGED
   */
  async changeSettings(
    tableId: string,
    chosen: Partial<SyncConfigSettings>,
    expected?: readonly number[],
  ): Promise<StoredConfig | null> {
    await this.validate(chosen);
    return this.#revise(tableId, settingsChange(chosen), expected);
  }

  /** Sets all settings of a table, if it has a configuration. What was synced stays known. */
  async replaceSettings(
    tableId: string,
    settings: Omit<SyncConfigSettings, 'initialSync'>,
  ): Promise<void> {
    await this.validate(settings);
    await this.#revise(tableId, settingsChange(settings, { isWhole: true }));
  }

  /**
   * @param expected the revisions that it may have; undefined: any
   * @throws AppError CONFIG_NOT_FOUND where it has been deleted since it was read; REVISION_CHANGED
   */
  async delete({ _id }: StoredConfig, expected?: readonly number[]): Promise<void> {
    let attempts = 0;
    const { deletedCount } = await this.run(() => {
      attempts++;
      return this.collection.deleteOne({ _id, ...atRevision(expected) });
    });
    if (deletedCount > 0) return;
    const present = await this.run(() => this.collection.findOne({ _id }));
    if (present) throw revisionChanged(present);
    // A later attempt finds nothing where only the answer to an earlier one was lost.
    if (attempts === 1) throw new AppError('CONFIG_NOT_FOUND');
  }

  /** Takes a table off the schedule. @returns false: it has no configuration */
  async pause(tableId: string, pausedReason: string): Promise<boolean> {
    return (
      (await this.#revise(tableId, [{ $set: { pausedReason: { $literal: pausedReason } } }])) !==
      null
    );
  }

  /** Puts it back: earlier failures are forgotten. @returns false: it has no configuration */
  async resume(tableId: string, nextRunAt: Date): Promise<boolean> {
    const set = { failureCount: 0, nextRunAt };
    const update = [{ $set: set }, { $unset: 'pausedReason' }];
    return (await this.#revise(tableId, update)) !== null;
  }

  /**
   * Moves a due table's next run on.
   * @returns false where another pass has
   */
  takeDue({ _id, nextRunAt }: ConfigWithNow, next: Date): Promise<boolean> {
    const asFound = { _id, nextRunAt: nextRunAt ?? { $exists: false } };
    return this.change(asFound, { $set: { nextRunAt: next } });
  }

  /** Puts the next run off after a failed start. */
  async backOff({ _id }: StoredConfig, schedule: ScheduleChange): Promise<void> {
    await this.change({ _id }, { $set: schedule });
  }

  /**
   * Counts a refused start under its error code; the first one chooses the entry of the history. One
   * update, so that a start which succeeds at the same time ends the whole refusal or none of it.
   * @returns the configuration as it is then; null: there is none
   */
  noteRefusal(
    tableId: string,
    code: string,
    latest: ErrorFields & Pick<Refusal, 'lastTime' | 'source'>,
  ): Promise<StoredConfig | null> {
    const path = `refusals.${code}`;
    const before = (field: keyof Refusal, first: unknown) => ({
      $ifNull: [`$${path}.${field}`, first],
    });
    const literals = Object.entries(latest).map(([name, value]) => [name, { $literal: value }]);
    const refusal = {
      historyId: before('historyId', new mongo.ObjectId()),
      since: before('since', latest.lastTime),
      count: { $add: [before('count', 0), 1] },
      ...Object.fromEntries(literals),
    };
    return this.run(() =>
      this.collection.findOneAndUpdate({ tableId }, [{ $set: { [path]: refusal } }], {
        returnDocument: 'after',
      }),
    );
  }

  /** Removes the refusals with these error codes. */
  async endRefusals(tableId: string, codes: readonly string[]): Promise<void> {
    const paths = codes.map((code) => [`refusals.${code}`, '']);
    await this.change({ tableId }, { $unset: Object.fromEntries(paths) });
  }

  /**
   * A change that a user makes, as the document's next revision: one update.
   * @returns the configuration as it is then; null: there is none
   */
  #revise(
    tableId: string,
    update: readonly mongo.Document[],
    expected?: readonly number[],
  ): Promise<StoredConfig | null> {
    const change = new RevisionChange(expected);
    const filter = { tableId, ...change.filter };
    const pipeline = [...update, change.stage];
    return this.run(async () => {
      const options = { returnDocument: 'after' } as const;
      const changed = await this.collection.findOneAndUpdate(filter, pipeline, options);
      return changed ?? change.resolve(await this.collection.findOne({ tableId }));
    });
  }

  /** What Mongoose would do with an update that is no pipeline. */
  private async validate(chosen: Partial<SyncConfigSettings>): Promise<void> {
    const draft = new this.model(chosen);
    await this.run(() => draft.validate(Object.keys(chosen)));
  }
}
