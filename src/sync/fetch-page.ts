import { createHash } from 'node:crypto';
import { readPage } from '../datafabric/result-pages.js';
import { type ResultTotals, sameTotals, takeTotals } from '../datafabric/result-totals.js';
import type { Row } from '../datafabric/rows.js';
import { AppError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import type { Step } from './context.js';

/** A page of the run's result, as it came, without the totals that its rows carried. */
export interface FetchedPage {
  readonly rows: readonly Row[];
  /** What its rows state of the whole result; undefined where they state nothing. */
  readonly stated?: ResultTotals;
  readonly keySum: bigint;
  readonly oddKeys: number;
  /** Tells it from every other page of the result; undefined: it has no rows. */
  readonly fingerprint?: string;
}

/**
 * Fetches a page of the run's result, or takes the one in hand.
 * @param offset of the whole result
 * @param limit at least 1
 * @throws AppError LAKE_RESULT_LOST; LAKE_RESULT_UNPROVEN where its rows state other totals than
 *   the job knows
 */
export async function fetchPage(step: Step, offset: number, limit: number): Promise<FetchedPage> {
  const { context, lease, deadline, inHand } = step;
  const { query, stated } = lease.job;
  if (!query) throw new Error('reading without a query');
  const key = `${query.id}@${offset}`;
  const ready = inHand.get(key);
  if (ready && ready.rows.length <= limit) {
    inHand.delete(key);
    return ready;
  }
  const { compass } = context.lake;
  const place = { offset, limit, total: stated?.rows, deadline, signal: lease.signal };
  const { clock, emptyPagePauseMs } = context;
  const rows = await readPage({ compass, clock, emptyPagePauseMs }, query.id, place);
  const fingerprint = fingerprintOf(rows);
  const page = takeTotals(rows);
  const isOther = stated && page.stated && !sameTotals(stated, page.stated);
  if (page.contradictory || isOther) {
    throw unproven(lease.job, `the rows at offset ${offset} state other totals than those before`);
  }
  const { keySum, oddKeys } = page;
  return {
    rows,
    keySum,
    oddKeys,
    ...(page.stated && { stated: page.stated }),
    ...(fingerprint && { fingerprint }),
  };
}

export function keepInHand({ inHand, lease }: Step, offset: number, page: FetchedPage): void {
  inHand.clear();
  inHand.set(`${lease.job.query?.id}@${offset}`, page);
}

/** One row of a result is at one offset: a page that begins with another's first row is that one. */
function fingerprintOf(rows: readonly Row[]): string | undefined {
  const [first] = rows;
  if (!first) return undefined;
  return createHash('sha1').update(JSON.stringify(first)).digest('base64').slice(0, 8);
}

export function unproven({ query }: Pick<SyncJob, 'query'>, message: string): AppError {
  return new AppError('LAKE_RESULT_UNPROVEN', undefined, {
    details: [{ message, ...(query && { queryId: query.id }) }],
  });
}
