import { randomUUID } from 'node:crypto';
import type { mongo, Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { ContestedRow } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import { MOST_CONTESTED } from '../rows/contested.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import type { SyncContext } from './context.js';
import { isLeft, isRead, type LeasePath, leaseAt, openLease } from './free-lease.js';
import { claim, type JobUpdate, readJob, setOf } from './lease-store.js';

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

/** What a page has brought to light. */
interface Met {
  /** Stored names of columns that the definition doesn't know. */
  readonly unknownColumns: readonly string[];
  /** Columns stored under another name than the lake's. */
  readonly renamedColumns: readonly string[];
  readonly contested: readonly ContestedRow[];
}

const ATTEMPTS = 10;
/** When a lease was taken that nobody holds any more. */
const LET_GO = new Date(0);

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
  readonly #owner: string;
  readonly #fence: number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #job: SyncJob;
  /** By this instance's clock. */
  #readMs: number;

  private constructor(context: SyncContext, path: LeasePath, owner: string, job: SyncJob) {
    this.path = path;
    this.#context = context;
    this.#owner = owner;
    this.#job = job;
    this.#readMs = context.clock.now();
    this.#fence = leaseAt(job, path)?.fence ?? 0;
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
      const { job, now } = await readJob(context, jobId);
      if (!job.active) return { lease: undefined, job, state: 'ended' };
      if (onlyIfLeft && !isLeft(job, now, context.leaseMs)) {
        return { lease: undefined, job, state: 'busy' };
      }
      const path = openLease(job, now, context.leaseMs);
      if (path === undefined || attempt > ATTEMPTS) {
        return { lease: undefined, job, state: isRead(job) ? 'read' : 'busy' };
      }
      const owner = randomUUID();
      const taken = await claim(context, job, { path, owner, now, ordered });
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
    const update = { ...setOf(fields), ...this.#currentDate(fields) };
    const jobs = native(this.#context.models.jobs);
    const job = await withRetry(
      () =>
        jobs.findOneAndUpdate(this.#mine(), update as mongo.UpdateFilter<SyncJob>, {
          returnDocument: 'after',
        }),
      this.#context,
    );
    this.#job = job ?? this.#superseded();
    this.#readMs = this.#context.clock.now();
    return this.#job;
  }

  /**
   * The same without reading the job back: for what is saved with every page.
   */
  async saveProgress(fields: JobUpdate, { contested, ...columns }: Met): Promise<void> {
    const lists = Object.entries(columns).filter(([, names]) => names.length > 0);
    const added = lists.map(([list, names]) => [list, { $each: names }]);
    const update = {
      ...setOf({ ...fields, sinceProgress: undefined }),
      ...this.#currentDate(fields),
      ...(added.length > 0 && { $addToSet: Object.fromEntries(added) }),
      ...pushed(contested),
    };
    const jobs = native(this.#context.models.jobs);
    const { matchedCount } = await withRetry(
      () => jobs.updateOne(this.#mine(), update as unknown as mongo.UpdateFilter<SyncJob>),
      this.#context,
    );
    if (matchedCount === 0) this.#superseded();
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
    const ended = { $set: { [`${this.path}.at`]: LET_GO, ...(idle && { idle: true }) } };
    await native(this.#context.models.jobs)
      .updateOne(this.#mine(), ended as mongo.UpdateFilter<SyncJob>)
      .catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const jobs = native(this.#context.models.jobs);
    try {
      const update = this.#currentDate({}) as mongo.UpdateFilter<SyncJob>;
      // A renewal that is overtaken by the release must not take the lease again.
      const held = { ...this.#mine(), [`${this.path}.at`]: { $ne: LET_GO } };
      const { matchedCount } = await jobs.updateOne(held as mongo.Filter<SyncJob>, update);
      if (matchedCount === 0) this.#lost.abort();
    } catch (error) {
      this.#context.log.warn({ err: error, jobId: String(this.#job._id) }, 'lease not renewed');
    }
  }

  /** Renews by the server's clock, unless the update takes the lease's own place away. */
  #currentDate(fields: JobUpdate): Record<string, unknown> {
    const gone = 'lease' in fields || 'segments' in fields;
    return { $currentDate: { heartbeat: true, ...(!gone && { [`${this.path}.at`]: true }) } };
  }

  #superseded(): never {
    this.#lost.abort();
    throw new AppError('SYNC_SUPERSEDED');
  }

  #mine(): mongo.Filter<SyncJob> {
    return {
      _id: this.#job._id,
      active: true,
      [`${this.path}.owner`]: this.#owner,
      [`${this.path}.fence`]: this.#fence,
      // A job that was canceled in the meantime is not read any further.
      ...(this.path !== 'lease' && { phase: 'reading' }),
    } as mongo.Filter<SyncJob>;
  }
}

function pushed(contested: readonly ContestedRow[]): Record<string, unknown> {
  if (contested.length === 0) return {};
  const isTwin = ({ kind }: ContestedRow) => kind === 'twin';
  const push = (rows: readonly ContestedRow[]) => ({ $each: rows, $slice: MOST_CONTESTED });
  return {
    $push: {
      contested: push(contested.filter((row) => !isTwin(row))),
      contestedTwins: push(contested.filter(isTwin)),
    },
  };
}
