import type { SyncJob } from '../models/sync-job.js';
import type { SyncContext } from './context.js';

/** The lake ends a query by itself too: there is no reason to wait long for that. */
const CANCEL_MS = 5_000;

/**
 * Cancels the queries that a run which ends early may have left running: their results are of no
 * use to anybody. Never throws.
 */
export async function cancelQueries(
  { lake, clock, log }: Pick<SyncContext, 'lake' | 'clock' | 'log'>,
  { probeQuery, countQuery, recountQuery, query, segments }: SyncJob,
): Promise<void> {
  // Once there are segments the data query has ended.
  const isRead = segments.length > 0;
  const sent = isRead ? [recountQuery, probeQuery] : [probeQuery, countQuery, query];
  const last = sent.findLast((one) => one !== undefined);
  if (!last) return;
  const limits = { deadline: clock.now() + CANCEL_MS };
  try {
    await lake.compass.cancel(last.id, limits);
  } catch (error) {
    // It ends by itself, and its result is nobody's.
    log.warn({ err: error, queryId: last.id }, 'query not canceled in the lake');
  }
}
