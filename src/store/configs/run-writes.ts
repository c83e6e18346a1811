import type { mongo, QueryFilter, UpdateQuery } from 'mongoose';
import type { SyncConfig, SyncConfigState } from '../../models/sync-config.js';
import type { SyncJob } from '../../models/sync-job.js';
import { VALIDATED } from '../driver/validated.js';
import { ConfigReader, type StoredConfig } from './read.js';

/** The state that a successful run leaves in the configuration. */
export interface RunProgress {
  readonly set: Partial<SyncConfigState>;
  readonly unset: readonly (keyof SyncConfigState)[];
}

/** State that is valid for one source's rows only. */
const FACTS_OF_SOURCE = [
  'watermark',
  'caughtUpAt',
  'shapeHash',
  'deleteFlag',
  'lakeObject',
  'listedKinds',
  'lakeKinds',
  'drift',
  'totalsRefusedAt',
  'groupsRefusedAt',
  'windowDigest',
  'emptyWarehouses',
  'leftovers',
  'rebuilding',
] as const;

/**
 * Updates of the configuration by runs. Every operation throws AppError MONGODB_*.
 */
export class ConfigRunWriter extends ConfigReader {
  /**
   * Records the source and the epoch of the table's rows.
   * @param job if it rebuilds the table in its own scope, `rebuilding` is set: rows of an unfinished
   *   rebuild require another full run
   * @returns false if the rows are another source's, or there is no configuration
   */
  async bindSource({ tableId, hashes, scope, rebuild, epoch = 0 }: SyncJob): Promise<boolean> {
    return this.change(
      { tableId, sourceHash: { $in: [hashes.source, null] } },
      {
        $set: { sourceHash: hashes.source, ...(rebuild && scope.own && { rebuilding: true }) },
        ...(epoch > 0 && { $max: { epoch } }),
      },
    );
  }

  /** Assigns the table to another source: it is read in full again, in a higher epoch. */
  async changeSource(
    { tableId, epoch = 0 }: Pick<SyncConfig, 'tableId' | 'epoch'>,
    sourceHash: string,
  ): Promise<void> {
    await this.change(
      { tableId },
      {
        ...unsetting(FACTS_OF_SOURCE),
        // With a higher epoch a late writer of the former source can't replace any new row.
        $set: { initialSync: true, sourceHash, epoch: epoch + 1 },
      },
    );
  }

  /** Removes the watermark, unless a run that has ended since has set another one. */
  async forgetWatermark({ tableId, watermark }: SyncConfig): Promise<void> {
    await this.#forget({ tableId, watermark: watermark ?? null }, 'watermark', 'caughtUpAt');
  }

  /** Removes the leftovers of a run, unless a run that has ended since has left others. */
  async forgetLeftovers({ tableId, leftovers }: SyncConfig): Promise<void> {
    const filter = { tableId, 'leftovers.query.id': leftovers?.query.id ?? null };
    await this.#forget(filter, 'leftovers');
  }

  /**
   * Through the driver: there is nothing to validate, and the filter must match the value as it was
   * read, whose type Mongoose would cast.
   */
  async #forget(filter: object, ...fields: readonly (keyof SyncConfigState)[]): Promise<void> {
    const update = unsetting(fields) as mongo.UpdateFilter<SyncConfig>;
    await this.run(() => this.collection.updateOne(filter as mongo.Filter<SyncConfig>, update));
  }

  /** The configuration, unless the run's end is recorded there already. */
  findUnapplied(job: SyncJob, endTime: Date): Promise<StoredConfig | null> {
    return this.run(() => this.model.findOne(unappliedTo(job, endTime)).lean<StoredConfig>());
  }

  /**
   * Clears `initialSync` if the configuration is as it was at the run's start, unless a full run has
   * been requested again since. Sent before the end is recorded: after that a repetition does nothing.
   */
  async clearInitialSync(job: SyncJob, endTime: Date): Promise<void> {
    const { initialSyncAskedAt = null } = job;
    const filter = { ...asAtStart(job, endTime), initialSyncAskedAt };
    await this.change(filter, { $set: { initialSync: false } });
  }

  /**
   * Records the end of a successful run, with the state that the next run starts from.
   * @returns false if the configuration has changed since the run began, or the end is recorded already
   */
  recordSuccess(
    job: SyncJob,
    endTime: Date,
    facts: Partial<SyncConfigState>,
    { set, unset }: RunProgress,
  ): Promise<boolean> {
    const update = { $set: { ...facts, ...set }, ...unsetting(unset) };
    return this.change(asAtStart(job, endTime), update);
  }

  /** Records the end of a run that does not move the watermark. */
  async recordEnd(
    job: SyncJob,
    endTime: Date,
    facts: Partial<SyncConfigState>,
    { dropsLeftovers }: { readonly dropsLeftovers: boolean },
  ): Promise<void> {
    const update = { $set: { ...facts }, ...unsetting(dropsLeftovers ? ['leftovers'] : []) };
    await this.change(unappliedTo(job, endTime), update);
  }

  /** Records that a comparison with the lake has been started. */
  async noteReconcile(tableId: string, lastReconcileAt: Date): Promise<void> {
    await this.change({ tableId }, { $set: { lastReconcileAt } });
  }

  /** Makes the table due at once, if it belongs to this source. */
  async makeDue(tableId: string, sourceHash: string): Promise<void> {
    await this.change({ tableId, sourceHash }, { $set: { nextRunAt: new Date(0) } });
  }

  /** @returns whether the filter matched */
  protected async change(
    filter: QueryFilter<SyncConfig>,
    update: UpdateQuery<SyncConfig>,
  ): Promise<boolean> {
    const { matchedCount } = await this.run(() =>
      this.model.updateOne(filter, update, VALIDATED).exec(),
    );
    return matchedCount > 0;
  }
}

function unsetting(fields: readonly (keyof SyncConfigState)[]) {
  if (fields.length === 0) return {};
  return { $unset: Object.fromEntries(fields.map((field) => [field, ''])) };
}

/**
 * Matches the configuration as long as the run's end is not recorded there, so that repeating the
 * step does nothing. A worker suspended at this point may find that others have ended this run and
 * later ones: then it must not change anything. `follows`, the run before, was recorded at the
 * start, so the filter does not depend on clocks, which may have been ahead.
 */
function unappliedTo(
  { _id, tableId, follows, stats }: SyncJob,
  endTime: Date,
): QueryFilter<SyncConfig> {
  if (follows !== undefined) return { tableId, lastSyncJobId: { $in: [follows, null] } };
  // The process that started the run died before it recorded `follows`, or was of an earlier version.
  const earlier = { lastRunStartTime: { $not: { $gte: stats.startTime } } };
  const ahead = { lastRunStartTime: { $gt: endTime } };
  return { tableId, lastSyncJobId: { $ne: String(_id) }, $or: [earlier, ahead] };
}

/** As `unappliedTo`, and source, warehouses and watermark must be as they were when the run began. */
function asAtStart(job: SyncJob, endTime: Date): QueryFilter<SyncConfig> {
  return {
    ...unappliedTo(job, endTime),
    scopeHash: job.hashes.scope,
    sourceHash: { $in: [job.hashes.source, null] },
    watermark: job.watermarkBefore ?? { $exists: false },
  };
}
