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

/** How a run or a failed start changes the schedule. */
type ScheduleChange = Partial<Pick<SyncConfigState, 'failureCount' | 'nextRunAt' | 'pausedReason'>>;

/**
 * The configuration of each table: `syncconfigs`. Updates go through Mongoose, which validates the
 * values they set; those that are aggregation pipelines go through the driver, since Mongoose
 * neither casts nor validates a pipeline. So do inserts: the document is validated first, and the
 * driver keeps all names of its columns. Every operation throws AppError MONGODB_*.
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
      // An earlier attempt, whose answer was lost, may have inserted it.
      const own = await this.run(() => this.collection.findOne({ _id: document._id }));
      if (!own) throw new AppError('CONFIG_EXISTS');
      return own;
    }
  }

  /** Creates the configurations of tables that have none. @returns how many were created */
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
   * Changes settings of a table, and the state that depends on them.
   * @param expected the revisions that the configuration may have; undefined: any
   * @returns the updated configuration; null: there is none
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

  /** Replaces all settings of a table, if it has a configuration. The state that runs left is kept. */
  async replaceSettings(
    tableId: string,
    settings: Omit<SyncConfigSettings, 'initialSync'>,
  ): Promise<void> {
    await this.validate(settings);
    await this.#revise(tableId, settingsChange(settings, { isWhole: true }));
  }

  /**
   * @param expected the revisions that the configuration may have; undefined: any
   * @throws AppError CONFIG_NOT_FOUND if it has been deleted since it was read; REVISION_CHANGED
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
    // A later attempt finds nothing if an earlier one, whose answer was lost, has deleted it.
    if (attempts === 1) throw new AppError('CONFIG_NOT_FOUND');
  }

  /** Takes a table off the schedule. @returns false: it has no configuration */
  async pause(tableId: string, pausedReason: string): Promise<boolean> {
    return (
      (await this.#revise(tableId, [{ $set: { pausedReason: { $literal: pausedReason } } }])) !==
      null
    );
  }

  /** Puts it back, and resets its failure count. @returns false: it has no configuration */
  async resume(tableId: string, nextRunAt: Date): Promise<boolean> {
    const set = { failureCount: 0, nextRunAt };
    const update = [{ $set: set }, { $unset: 'pausedReason' }];
    return (await this.#revise(tableId, update)) !== null;
  }

  /**
   * Sets a due table's next run time, which claims the present run for this pass.
   * @returns false if another pass has claimed it
   */
  takeDue({ _id, nextRunAt }: ConfigWithNow, next: Date): Promise<boolean> {
    const asFound = { _id, nextRunAt: nextRunAt ?? { $exists: false } };
    return this.change(asFound, { $set: { nextRunAt: next } });
  }

  /** Postpones the next run after a failed start. */
  async backOff({ _id }: StoredConfig, schedule: ScheduleChange): Promise<void> {
    await this.change({ _id }, { $set: schedule });
  }

  /**
   * Counts a refused start under its error code; the first one chooses the id of the history entry.
   * One update, so that a concurrent successful start ends the whole refusal or none of it.
   * @returns the updated configuration; null: there is none
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
   * Makes a user's change and raises the document's revision in one update.
   * @returns the updated configuration; null: there is none
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

  /** Validates values as Mongoose would for an update that is not a pipeline. */
  private async validate(chosen: Partial<SyncConfigSettings>): Promise<void> {
    const draft = new this.model(chosen);
    await this.run(() => draft.validate(Object.keys(chosen)));
  }
}
