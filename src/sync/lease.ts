import { randomUUID } from 'node:crypto';
import type { mongo, Types } from 'mongoose';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

type JobUpdate = { [K in keyof SyncJob]?: SyncJob[K] | undefined } & Record<string, unknown>;

/**
 * The right to work on a job, for a time that MongoDB's clock measures. It is renewed at
 * half-life; every write of the job's record is filtered by owner and fence, so a worker
 * that lost it changes nothing there.
 *
 * What it does not guarantee: that a worker stops the moment its lease ends. One that was
 * frozen may still send a page of rows. The data is right all the same: rows are written
 * under a guard that refuses what is older than the stored version.
 */
export class JobLease {
  readonly #context: SyncContext;
  readonly #owner: string;
  readonly #lost = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #job: SyncJob;

  private constructor(context: SyncContext, owner: string, job: SyncJob) {
    this.#context = context;
    this.#owner = owner;
    this.#job = job;
    this.#timer = setInterval(() => void this.#renew(), context.leaseMs / 2);
    this.#timer.unref();
  }

  /** @returns undefined where the job has ended or another worker is at it */
  static async take(
    context: SyncContext,
    jobId: Types.ObjectId,
    { onlyIfLeft = false } = {},
  ): Promise<JobLease | undefined> {
    const owner = randomUUID();
    const job = await withRetry(
      () =>
        native(context.models.jobs).findOneAndUpdate(
          { _id: jobId, active: true, ...(onlyIfLeft ? isLeft(context) : isFree) },
          [{ $set: { status: 'in_progress', heartbeat: '$$NOW', lease: grant(owner, context) } }],
          { returnDocument: 'after' },
        ),
      context,
    );
    return job ? new JobLease(context, owner, job) : undefined;
  }

  /** The job as this worker last saved it. */
  get job(): SyncJob {
    return this.#job;
  }

  /** Aborted when the lease is lost: nothing that is under way is of use any more. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Saves fields of the job (dotted paths too); one that is undefined is removed.
   * @throws SYNC_SUPERSEDED if the lease is no longer ours
   */
  async save(fields: JobUpdate): Promise<SyncJob> {
    return this.#update({
      $set: { ...defined(fields), updatedAt: new Date() },
      ...unset(Object.keys(fields).filter((name) => fields[name] === undefined)),
      $currentDate: { heartbeat: true },
    });
  }

  /** Ends the job: from here on its table can have another run. */
  async end(fields: JobUpdate): Promise<SyncJob> {
    return this.#update({
      $set: { ...fields, phase: 'ended', updatedAt: new Date() },
      ...unset(['active', 'lease']),
    });
  }

  /** Lets another worker go on at once. Never throws: a lease ends by itself as well. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    const ended = { $set: { 'lease.until': new Date(0) } };
    await native(this.#context.models.jobs)
      .updateOne(this.#mine(), ended as mongo.UpdateFilter<SyncJob>)
      .catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const { models, leaseMs } = this.#context;
    try {
      const { matchedCount } = await native(models.jobs).updateOne(this.#mine(), [
        { $set: { 'lease.until': fromNow(leaseMs), heartbeat: '$$NOW' } },
      ]);
      if (matchedCount === 0) this.#lost.abort();
    } catch (error) {
      this.#context.log.warn({ err: error, jobId: String(this.#job._id) }, 'lease not renewed');
    }
  }

  async #update(update: Record<string, unknown>): Promise<SyncJob> {
    const jobs = native(this.#context.models.jobs);
    const job = await withRetry(
      () =>
        jobs.findOneAndUpdate(this.#mine(), update as mongo.UpdateFilter<SyncJob>, {
          returnDocument: 'after',
        }),
      this.#context,
    );
    if (!job) {
      this.#lost.abort();
      throw new AppError('SYNC_SUPERSEDED');
    }
    this.#job = job;
    return job;
  }

  #mine(): mongo.Filter<SyncJob> {
    const fence = this.#job.lease?.fence ?? 0;
    return {
      _id: this.#job._id,
      active: true,
      'lease.owner': this.#owner,
      'lease.fence': fence,
    } as mongo.Filter<SyncJob>;
  }
}

const fromNow = (ms: number) => ({
  $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: ms },
});

const isOver = { lease: { $exists: true }, $expr: { $lte: ['$lease.until', '$$NOW'] } };
const isFree = { $or: [{ lease: { $exists: false } }, isOver] };

/** Begun and let go of, or never begun although its starter has had the time of a lease. */
function isLeft({ leaseMs }: SyncContext) {
  const silent = { $lte: ['$heartbeat', fromNow(-leaseMs)] };
  return { $or: [isOver, { lease: { $exists: false }, $expr: silent }] };
}

function grant(owner: string, { leaseMs }: SyncContext) {
  return {
    owner,
    until: fromNow(leaseMs),
    fence: { $add: [{ $ifNull: ['$lease.fence', 0] }, 1] },
  };
}

function defined(fields: JobUpdate): JobUpdate {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function unset(names: readonly string[]) {
  return names.length > 0 ? { $unset: Object.fromEntries(names.map((name) => [name, ''])) } : {};
}
