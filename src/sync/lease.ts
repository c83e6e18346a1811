import { randomUUID } from 'node:crypto';
import type { Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import {
  type HeldLease,
  type JobUpdate,
  type LeasePath,
  leaseAt,
  type Met,
} from '../store/job-leases.js';
import type { SyncContext } from './context.js';
import { isLeft, isRead, openLease } from './free-lease.js';

/** What a worker finds when it looks for something to do on a job. */
export type Found =
  | { readonly lease: Lease }
  /** `busy`: others hold all that is open. `read`: nothing is open, but it was not taken on. */
  | { readonly lease: undefined; readonly job: SyncJob; readonly state: 'ended' | 'busy' | 'read' };

export interface TakeOptions {
  /** Not of a job that somebody has just begun or is working on. */
  readonly onlyIfLeft?: boolean;
  /** Taken by a background worker that was ordered. */
  readonly ordered?: boolean;
}

const ATTEMPTS = 10;

/**
 * The right to work on a part of a job, for a time that MongoDB's clock measures: on a segment
 * while the job is read, else on the job as a whole. It is renewed with every save and at
 * half-life; every write of the job's record is filtered by owner and fencing number, so a
 * worker that lost its lease changes nothing there.
 *
 * What it does not guarantee: that a worker stops the moment its lease ends. One that was
 * frozen may still send the page of rows that it had in hand. The data is right all the same:
 * rows are written under a guard that refuses what is older than the stored version.
 */
export class Lease {
  readonly path: LeasePath;
  readonly #context: SyncContext;
  readonly #held: HeldLease;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #job: SyncJob;
  /** By this instance's clock. */
  #readMs: number;

  private constructor(context: SyncContext, path: LeasePath, owner: string, job: SyncJob) {
    this.path = path;
    this.#context = context;
    this.#job = job;
    this.#readMs = context.clock.now();
    this.#held = { jobId: job._id, path, owner, fence: leaseAt(job, path)?.fence ?? 0 };
    this.#timer = setInterval(() => void this.#renew(), context.leaseMs / 2);
    this.#timer.unref();
  }

  /**
   * Takes whatever lease of the job is free.
   * @throws JOB_NOT_FOUND
   */
  static async take(
    context: SyncContext,
    jobId: Types.ObjectId,
    { onlyIfLeft = false, ordered = false }: TakeOptions = {},
  ): Promise<Found> {
    for (let attempt = 1; ; attempt++) {
      const { job, now } = await context.store.jobs.findWithTime(jobId);
      if (!job.active) return { lease: undefined, job, state: 'ended' };
      if (onlyIfLeft && !isLeft(job, now, context.leaseMs)) {
        return { lease: undefined, job, state: 'busy' };
      }
      const path = openLease(job, now, context.leaseMs);
      if (path === undefined || attempt > ATTEMPTS) {
        return { lease: undefined, job, state: isRead(job) ? 'read' : 'busy' };
      }
      const owner = randomUUID();
      const taken = await context.store.jobLeases.claim(job, { path, owner, now, ordered });
      if (taken) return { lease: new Lease(context, path, owner, taken) };
    }
  }

  /** The job as it was when this worker took the lease or last read it back. */
  get job(): SyncJob {
    return this.#job;
  }

  /**
   * Epoch milliseconds by MongoDB's clock, as it was when the job was last read back: what is
   * stored may meet the clock of any instance.
   */
  now(): number {
    return this.#job.heartbeat.getTime() + this.#context.clock.now() - this.#readMs;
  }

  /** Aborted when the lease is lost: nothing that is under way is of use any more. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Saves progress: fields of the job (dotted paths too); one that is undefined is removed.
   * @returns the job as it is now
   * @throws SYNC_SUPERSEDED if the lease is no longer ours
   */
  async save(fields: JobUpdate): Promise<SyncJob> {
    return this.note({ ...fields, sinceProgress: undefined });
  }

  /** The same for what is no progress. @throws SYNC_SUPERSEDED */
  async note(fields: JobUpdate): Promise<SyncJob> {
    const job = await this.#context.store.jobLeases.save(this.#held, fields);
    this.#job = job ?? this.#superseded();
    this.#readMs = this.#context.clock.now();
    return this.#job;
  }

  /**
   * The same without reading the job back: for what is saved with every page.
   */
  async saveProgress(fields: JobUpdate, met: Met): Promise<void> {
    const { jobLeases } = this.#context.store;
    const progress = { ...fields, sinceProgress: undefined };
    if (!(await jobLeases.saveProgress(this.#held, progress, met))) this.#superseded();
  }

  /** Ends the job: from here on its table can have another run. */
  async end(fields: JobUpdate): Promise<SyncJob> {
    return this.save({
      ...fields,
      phase: 'ended',
      active: undefined,
      lease: undefined,
      idle: undefined,
    });
  }

  /**
   * Lets another worker go on at once. Never throws: a lease ends by itself as well.
   * @param idle nobody is going to take it up by himself
   */
  async release(idle: boolean): Promise<void> {
    clearInterval(this.#timer);
    await this.#context.store.jobLeases.release(this.#held, idle).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    try {
      if (!(await this.#context.store.jobLeases.renew(this.#held))) this.#lost.abort();
    } catch (error) {
      this.#context.log.warn({ err: error, jobId: String(this.#job._id) }, 'lease not renewed');
    }
  }

  #superseded(): never {
    this.#lost.abort();
    throw new AppError('SYNC_SUPERSEDED');
  }
}
