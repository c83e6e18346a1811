import { call } from './api.js';
import type { Reject, RejectsAnswer, Retried } from './shapes.js';

/** The most ids that one request may name. */
const MOST_IDS = 1_000;
const PAGE = 100;

export interface RejectFilter {
  readonly tableId?: string | undefined;
  readonly reason?: string | undefined;
}

/** What became of the rows, and whether there were more than one request may name. */
export interface RetryOutcome extends Retried {
  readonly isCut: boolean;
}

/** Fetches the rows of some rejects again. @throws Failure */
export async function retrySelected(ids: readonly string[]): Promise<RetryOutcome> {
  const body = { action: 'retry', ids };
  return { ...(await call<Retried>('sync-rejects', { body })), isCut: false };
}

/**
 * Fetches the rows of all open rejects again that a filter shows. The API retries those of a table; other
 * filters are resolved to ids first, of the latest 1,000.
 * @throws Failure
 */
export async function retryMatching({ tableId, reason }: RejectFilter): Promise<RetryOutcome> {
  if (tableId && !reason) {
    const body = { action: 'retry', tableId };
    return { ...(await call<Retried>('sync-rejects', { body })), isCut: false };
  }
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { tableId, reason, state: 'open', limit: PAGE, cursor };
    const { rejects, pagination } = await call<RejectsAnswer>('sync-rejects', { query });
    ids.push(...rejects.map(({ _id }: Reject) => _id));
    cursor = pagination.nextCursor ?? undefined;
  } while (cursor !== undefined && ids.length < MOST_IDS);
  const outcome = await retrySelected(ids.slice(0, MOST_IDS));
  return { ...outcome, isCut: cursor !== undefined };
}
