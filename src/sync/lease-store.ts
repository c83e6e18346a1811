import type { mongo, Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import type { SyncContext } from './context.js';
import { type LeasePath, leaseAt } from './free-lease.js';

/** Fields of a job, dotted paths too. */
export type JobUpdate = { [K in keyof SyncJob]?: SyncJob[K] | undefined } & Record<string, unknown>;

/** The job, and the time by MongoDB's clock. @throws JOB_NOT_FOUND */
export async function readJob(
  context: SyncContext,
  jobId: Types.ObjectId,
): Promise<{ job: SyncJob; now: Date }> {
  const jobs = native(context.models.jobs);
  const pipeline = [{ $match: { _id: jobId } }, { $set: { now: '$$NOW' } }];
  const [found] = await withRetry(
    () => jobs.aggregate<SyncJob & { now: Date }>(pipeline).toArray(),
    context,
  );
  if (!found) throw new AppError('JOB_NOT_FOUND');
  const { now, ...job } = found;
  return { job, now };
}

export interface Claim {
  readonly path: LeasePath;
  readonly owner: string;
  /** When the job was read, by MongoDB's clock. */
  readonly now: Date;
  /** By a background worker that was ordered: orders do arrive. */
  readonly ordered: boolean;
}

/** Takes the lease if it is still as it was read. @returns null where it is not */
export async function claim(
  context: SyncContext,
  job: SyncJob,
  { path, owner, now, ordered }: Claim,
): Promise<SyncJob | null> {
  const held = leaseAt(job, path);
  const asRead = {
    _id: job._id,
    active: true,
    phase: job.phase,
    queryAttempts: job.queryAttempts,
    [`${path}.fence`]: held?.fence ?? { $exists: false },
    [`${path}.at`]: held?.at ?? { $exists: false },
  };
  const update = {
    $set: {
      status: 'in_progress',
      [`${path}.owner`]: owner,
      [`${path}.fence`]: (held?.fence ?? 0) + 1,
    },
    $inc: { 'sinceProgress.takeUps': 1 },
    $min: { 'sinceProgress.from': now },
    $unset: { idle: '', unclaimed: '', ...(ordered && { lostOrders: '' }) },
    $currentDate: { heartbeat: true, [`${path}.at`]: true },
  };
  return withRetry(
    () =>
      native(context.models.jobs).findOneAndUpdate(
        asRead as mongo.Filter<SyncJob>,
        update as unknown as mongo.UpdateFilter<SyncJob>,
        { returnDocument: 'after' },
      ),
    context,
  );
}

/** The update that sets these fields; one that is undefined is removed. */
export function setOf(fields: JobUpdate): Record<string, unknown> {
  const entries = Object.entries(fields);
  const removed = entries.filter(([, value]) => value === undefined).map(([name]) => [name, '']);
  const set = entries.filter(([, value]) => value !== undefined);
  return {
    $set: { ...Object.fromEntries(set), updatedAt: new Date() },
    ...(removed.length > 0 && { $unset: Object.fromEntries(removed) }),
  };
}
