import { randomUUID } from 'node:crypto';
import type { Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { type HeldLease, type LeasePath, leaseAt } from '../store/job-leases.js';
import type { SyncContext } from './context.js';
import { isLeft, isRead, openLease } from './free-lease.js';

/** What a worker finds when it looks for something to do on a job. */
export type Claimed =
  /** `job`: as it was when the lease was claimed. */
  | { readonly lease: Lease; readonly job: SyncJob }
  /** `busy`: others hold all open leases. `read`: all segments are done, the phase is still reading. */
  | { readonly lease: undefined; readonly job: SyncJob; readonly state: 'ended' | 'busy' | 'read' };

export interface ClaimOptions {
  /** Claim only if no worker has the job or is about to. */
  readonly onlyIfLeft?: boolean;
  /** Claimed by a background worker that an order started. */
  readonly ordered?: boolean;
}

const ATTEMPTS = 10;

/**
 * The right to work on a part of a job, for a time that MongoDB's clock measures: on a segment
 * while the job is read, else on the job as a whole. It is renewed at half-life, and with every
 * save of the job (`JobSession`); every write of the job's record is filtered by owner and fencing
 * number, so a worker that lost its lease changes nothing there.
 *
 * What it does not guarantee: that a worker stops the moment its lease ends. One that was
 * suspended may still send the page that it has fetched. The data is correct all the same: the
 * guarded write refuses what is older than the stored version.
 */
export class Lease {
  readonly held: HeldLease;
  readonly #context: SyncContext;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;

  private constructor(context: SyncContext, held: HeldLease) {
    this.held = held;
    this.#context = context;
    this.#timer = setInterval(() => void this.#renew(), context.leaseMs / 2);
    this.#timer.unref();
  }

  /**
   * Claims a free lease of the job, if there is one.
   * @throws JOB_NOT_FOUND
   */
  static async claim(
    context: SyncContext,
    jobId: Types.ObjectId,
    { onlyIfLeft = false, ordered = false }: ClaimOptions = {},
  ): Promise<Claimed> {
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
      if (!taken) continue;
      const fence = leaseAt(taken, path)?.fence ?? 0;
      return { lease: new Lease(context, { jobId: taken._id, path, owner, fence }), job: taken };
    }
  }

  /** Of the whole job, or of one segment. */
  get path(): LeasePath {
    return this.held.path;
  }

  /** Aborted when the lease is lost: what is under way can't be saved any more. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** To be called when a save finds that another worker has the lease. @throws SYNC_SUPERSEDED */
  lost(): never {
    this.#lost.abort();
    throw new AppError('SYNC_SUPERSEDED');
  }

  /**
   * Lets another worker continue at once. Never throws: a lease also expires by itself.
   * @param idle no worker will continue the job without a new order
   */
  async release(idle: boolean): Promise<void> {
    clearInterval(this.#timer);
    await this.#context.store.jobLeases.release(this.held, idle).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    try {
      if (!(await this.#context.store.jobLeases.renew(this.held))) this.#lost.abort();
    } catch (error) {
      this.#context.log.warn({ err: error, jobId: String(this.held.jobId) }, 'lease not renewed');
    }
  }
}
