import type { Logger } from 'pino';
import type { Alerts } from '../alerts/alerts.js';
import type { Clock } from '../clock.js';
import type { Compass } from '../datafabric/compass.js';
import type { CallOptions } from '../ion/time-limit.js';
import type { RetryBudget, Store } from '../store/store.js';
import type { TableRegistry } from '../tables/registry.js';

/** How long a worker may be silent before another one takes over. */
export const LEASE_MS = 60_000;

/** How a run is cut up, in rows. */
export interface Sizes {
  /** Of a segment: so many pages that the overhead of a segment is negligible. */
  readonly segment: number;
  /**
   * Above this a run is split into several queries: Compass stops a query after 60 minutes
   * and keeps its result for 20 hours.
   */
  readonly query: number;
}

export const SIZES: Sizes = { segment: 100_000, query: 20_000_000 };

/** What a run needs from outside; made by the composition root. */
export interface SyncContext {
  /**
   * Bound to a retry budget: a run's own operations are retried regardless of the slice's
   * deadline; a pass or a request limits them by its own (`withBudget`).
   */
  readonly store: Store;
  readonly tables: TableRegistry;
  readonly lake: Lake;
  readonly clock: Clock;
  readonly alerts: Alerts;
  readonly log: Logger;
  /** Milliseconds that a worker may be silent before another one takes over. */
  readonly leaseMs: number;
  readonly sizes: Sizes;
  /** Milliseconds to wait before an empty page is requested again; an empty page may be an error. */
  readonly emptyPagePauseMs: number;
}

export interface Lake {
  readonly compass: Compass;
  /** Names tenant and gateway: one tenant's watermark says nothing about another's rows. */
  readonly sourceHash: string;
  /** A valid access token: for checks that need no other call. @throws AppError ION_*, LAKE_* */
  token(limits: CallOptions): Promise<string>;
}

/** The same context, whose MongoDB operations are retried within another retry budget. */
export function withBudget(context: SyncContext, budget: Partial<RetryBudget>): SyncContext {
  return { ...context, store: context.store.within(budget) };
}
