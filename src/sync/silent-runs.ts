import type { WorkerSigns } from '../store/jobs.js';
import { isResting, workersCome } from './bounds.js';
import type { SyncContext } from './context.js';
import { isOver } from './free-lease.js';

/** The active runs without a heartbeat for the length of a lease. */
export async function silentRuns(context: SyncContext): Promise<WorkerSigns[]> {
  const found = await context.store.jobs.activeSigns();
  return found.filter(
    ({ heartbeat, finishing, now }) =>
      isOver(heartbeat, now, context.leaseMs) && !isResting(finishing, now),
  );
}

/**
 * Whether a worker is to be ordered for the run. Not if its last order was accepted but no worker
 * claimed the run: that order is counted as lost, and the caller works on the run itself.
 */
export async function isToBeOrdered(context: SyncContext, run: WorkerSigns): Promise<boolean> {
  if (workersCome(run)) return true;
  if (!run.unclaimed) return false;
  if (await context.store.jobs.countLostOrder(run._id)) {
    context.log.warn(
      { jobId: String(run._id), dispatch: run.dispatch },
      'no worker started for an accepted order',
    );
  }
  return false;
}
