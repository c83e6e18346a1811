import type { Clock } from '../clock.js';
import type { SyncJob } from '../models/sync-job.js';
import type { JobUpdate, Met } from '../store/job-leases.js';
import type { Store } from '../store/store.js';
import type { Lease } from './lease.js';

/**
 * A job as one worker holds and saves it. Every save renews the lease. If another worker holds the
 * lease by now, a save changes nothing and throws SYNC_SUPERSEDED.
 */
export class JobSession {
  readonly lease: Lease;
  readonly #store: Store;
  readonly #clock: Clock;
  #job: SyncJob;
  /** By this instance's clock. */
  #readMs: number;

  /** @param job as it was when the lease was claimed */
  constructor(
    { store, clock }: { readonly store: Store; readonly clock: Clock },
    lease: Lease,
    job: SyncJob,
  ) {
    this.lease = lease;
    this.#store = store;
    this.#clock = clock;
    this.#job = job;
    this.#readMs = clock.now();
  }

  /** The job as it was when this worker claimed the lease or last read the job back. */
  get job(): SyncJob {
    return this.#job;
  }

  /** Aborted when the lease is lost. */
  get signal(): AbortSignal {
    return this.lease.signal;
  }

  /**
   * Epoch milliseconds by MongoDB's clock, extrapolated from when the job was last read back: stored
   * times are compared by other instances, so they can't depend on this instance's clock.
   */
  now(): number {
    return this.#job.heartbeat.getTime() + this.#clock.now() - this.#readMs;
  }

  /**
   * Saves progress: fields of the job, dotted paths included; a field that is undefined is removed.
   * @returns the job as it is now
   * @throws SYNC_SUPERSEDED
   */
  async save(fields: JobUpdate): Promise<SyncJob> {
    return this.note({ ...fields, sinceProgress: undefined });
  }

  /** Saves fields that are not progress. @throws SYNC_SUPERSEDED */
  async note(fields: JobUpdate): Promise<SyncJob> {
    const job = await this.#store.jobLeases.save(this.lease.held, fields);
    this.#job = job ?? this.lease.lost();
    this.#readMs = this.#clock.now();
    return this.#job;
  }

  /**
   * Saves progress without reading the job back, for the save after each page.
   * @throws SYNC_SUPERSEDED
   */
  async saveProgress(fields: JobUpdate, met: Met): Promise<void> {
    const progress = { ...fields, sinceProgress: undefined };
    const saved = await this.#store.jobLeases.saveProgress(this.lease.held, progress, met);
    if (!saved) this.lease.lost();
  }

  /** Ends the job: from then on its table can have another run. @throws SYNC_SUPERSEDED */
  async end(fields: JobUpdate): Promise<SyncJob> {
    return this.save({
      ...fields,
      phase: 'ended',
      active: undefined,
      lease: undefined,
      idle: undefined,
    });
  }
}
