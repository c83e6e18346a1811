import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

/** Short, since the lake ends an abandoned query by itself. */
const CANCEL_MS = 5_000;

/**
 * Cancels the query that a run which ends early may have left running, since nothing will read its
 * result. Never throws.
 */
export async function cancelQueries(
  { lake, clock, log }: Pick<SyncContext, 'lake' | 'clock' | 'log'>,
  { probeQuery, countQuery, recountQuery, query, segments, reconcile }: SyncJob,
): Promise<void> {
  // Once there are segments the data query has ended.
  const isRead = segments.length > 0;
  const ofReading = isRead ? [recountQuery, probeQuery] : [probeQuery, countQuery, query];
  const sent = reconcile?.listingQuery ? [reconcile.listingQuery, probeQuery] : ofReading;
  const last = sent.findLast((one) => one !== undefined);
  if (!last) return;
  const limits = { deadline: clock.now() + CANCEL_MS };
  try {
    await lake.compass.cancel(last.id, limits);
  } catch (error) {
    // It ends by itself, and nothing reads its result.
    log.warn({ err: error, queryId: last.id }, 'query not canceled in the lake');
  }
}
