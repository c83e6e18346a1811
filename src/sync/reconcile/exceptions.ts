import type { ReconcileException } from '../../models/reconcile.js';
import type { SyncJob } from '../../models/sync-job.js';
import type { JobUpdate } from '../../store/job-leases.js';

/** The fields that add an exception to a run's certificate; one of each reason. */
export function withException(job: SyncJob, exception: ReconcileException): JobUpdate {
  const others = (job.reconcile?.exceptions ?? []).filter(
    ({ reason }) => reason !== exception.reason,
  );
  return { 'reconcile.exceptions': [...others, exception] };
}
