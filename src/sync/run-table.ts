import { Types } from 'mongoose';
import { toAppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { advance } from './advance.js';
import type { SyncContext } from './context.js';
import { type StartRequest, startJob } from './start.js';

export interface RunResult {
  readonly job: SyncJob;
  /** The run had been left by another worker, and went on. */
  readonly resumed: boolean;
}

/**
 * Starts a run of a table and works on it until its end or the deadline. Where a run was
 * left behind in the middle, that one goes on instead: a table has one at a time.
 * @throws what startJob and advance throw; SYNC_RUNNING while another worker is at it
 */
export async function runTable(
  context: SyncContext,
  request: StartRequest,
  trigger: SyncJob['trigger'],
  deadline: number,
): Promise<RunResult> {
  const started = await startJob(context, request, trigger).catch((error) => toAppError(error));
  if (!(started instanceof Error)) {
    const { job } = await advance(context, started._id, deadline);
    return { job, resumed: false };
  }
  const runningId = started.code === 'SYNC_RUNNING' && started.details[0]?.jobId;
  if (typeof runningId !== 'string') throw started;
  const result = await advance(context, new Types.ObjectId(runningId), deadline, {
    onlyIfLeft: true,
  });
  if (result.state === 'busy') throw started;
  return { job: result.job, resumed: true };
}
