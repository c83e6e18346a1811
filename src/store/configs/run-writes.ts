import type { QueryFilter, UpdateQuery } from 'mongoose';
import type { SyncConfig, SyncConfigState } from '../../models/sync-config.js';
import type { SyncJob } from '../../models/sync-job.js';
import { VALIDATED } from '../driver/validated.js';
import { ConfigReader, type StoredConfig } from './read.js';

/** What a run that succeeded leaves in the configuration. */
export interface RunProgress {
  readonly set: Partial<SyncConfigState>;
  readonly unset: readonly (keyof SyncConfigState)[];
}

/** What holds of one source's rows only. */
const FACTS_OF_SOURCE = [
  'watermark',
  'shapeHash',
  'deleteFlag',
  'lakeObject',
  'listedKinds',
  'totalsRefusedAt',
  'emptyWarehouses',
  'leftovers',
  'rebuilding',
] as const;

/**
 * What runs leave in the configuration. Every operation throws AppError MONGODB_*.
 */
export class ConfigRunWriter extends ConfigReader {
  /**
   * Notes whose rows the table holds, and of which epoch.
   * @param job `rebuilding` is set where the run rebuilds the table in its own scope: one that ends
   *   half-way has made rows that only another full run goes well with
   * @returns false where the rows are another source's, or there is no configuration
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

  /** Makes the table another source's: it is read in full again, in a later epoch. */
  async changeSource(
    { tableId, epoch = 0 }: Pick<SyncConfig, 'tableId' | 'epoch'>,
    sourceHash: string,
  ): Promise<void> {
    await this.change(
      { tableId },
      {
        ...unsetting(FACTS_OF_SOURCE),
        // A late writer of the other tenant replaces nothing of what comes now.
        $set: { initialSync: true, sourceHash, epoch: epoch + 1 },
      },
    );
  }

  /** Removes the watermark, unless a run that has ended since has brought another one. */
  async forgetWatermark({ tableId, watermark }: SyncConfig): Promise<void> {
    // Absent is asked for by null: Mongoose leaves a condition without a value out.
    await this.change({ tableId, watermark: watermark ?? null }, unsetting(['watermark']));
  }

  /** Removes the rest of a run, unless a run that has ended since has left another one. */
  async forgetLeftovers({ tableId, leftovers }: SyncConfig): Promise<void> {
    const filter = { tableId, 'leftovers.query.id': leftovers?.query.id ?? null };
    await this.change(filter, unsetting(['leftovers']));
  }

  /** The configuration, as long as the run's end is not on record there. */
  findUnapplied(job: SyncJob, endTime: Date): Promise<StoredConfig | null> {
    return this.run(() => this.model.findOne(unappliedTo(job, endTime)).lean<StoredConfig>());
  }

  /**
   * Clears `initialSync` where the configuration is as it was at the run's start, unless a full run
   * was asked for again since. Sent before the end is recorded, which makes a repetition do nothing.
   */
  async clearInitialSync(job: SyncJob, endTime: Date): Promise<void> {
    const { initialSyncAskedAt = null } = job;
    const filter = { ...asAtStart(job, endTime), initialSyncAskedAt };
    await this.change(filter, { $set: { initialSync: false } });
  }

  /**
   * Records the end of a run that succeeded, with what the next one goes on from.
   * @returns false where the configuration has changed since the run began, or the end is on record
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

  /** Records the end of a run of which no watermark counts. */
  async recordEnd(
    job: SyncJob,
    endTime: Date,
    facts: Partial<SyncConfigState>,
    { dropsLeftovers }: { readonly dropsLeftovers: boolean },
  ): Promise<void> {
    const update = { $set: { ...facts }, ...unsetting(dropsLeftovers ? ['leftovers'] : []) };
    await this.change(unappliedTo(job, endTime), update);
  }

  /** Notes that a comparison with the lake has been started. */
  async noteReconcile(tableId: string, lastReconcileAt: Date): Promise<void> {
    await this.change({ tableId }, { $set: { lastReconcileAt } });
  }

  /** Makes the table due at once, where it is the source's. */
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
 * Matches the configuration as long as the run's end is not on record there. Of a repeated step the
 * first one counted. And a worker that slept right here may find that others have ended the run, and
 * further ones: then it has nothing more to say. Which run came before is known from the start and
 * asks no clock, which may have been ahead.
 */
function unappliedTo(
  { _id, tableId, follows, stats }: SyncJob,
  endTime: Date,
): QueryFilter<SyncConfig> {
  if (follows !== undefined) return { tableId, lastSyncJobId: { $in: [follows, null] } };
  // Its starter died before it could note that, or was of an earlier version.
  const earlier = { lastRunStartTime: { $not: { $gte: stats.startTime } } };
  const ahead = { lastRunStartTime: { $gt: endTime } };
  return { tableId, lastSyncJobId: { $ne: String(_id) }, $or: [earlier, ahead] };
}

/** The same, where source, warehouses and watermark are as they were when the run began. */
function asAtStart(job: SyncJob, endTime: Date): QueryFilter<SyncConfig> {
  return {
    ...unappliedTo(job, endTime),
    scopeHash: job.hashes.scope,
    sourceHash: { $in: [job.hashes.source, null] },
    watermark: job.watermarkBefore ?? { $exists: false },
  };
}
