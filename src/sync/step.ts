import type { ResultTotals } from '../datafabric/result-totals.js';
import type { Row } from '../datafabric/rows.js';
import type { RowCounts } from '../models/row-counts.js';
import type { SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';
import type { SyncContext } from './context.js';
import type { JobSession } from './job-session.js';

/**
 * The part of a pass that one of several jobs gets; epoch milliseconds. Unlike the slice's deadline,
 * its end interrupts nothing: it only keeps the next step from being begun.
 */
export interface Turn {
  readonly ends: number;
  /** Until then the job waits for a query that is still running. */
  readonly waitEnds: number;
}

/** The input of each step of a run. */
export interface Step {
  readonly context: SyncContext;
  readonly session: JobSession;
  readonly table: TableDefinition;
  /** Epoch milliseconds at which calls that are still under way are aborted. */
  readonly sliceDeadline: number;
  readonly turn: Turn;
  readonly memory: SliceMemory;
}

/** What a worker keeps in memory between the steps of one slice; lost without harm. */
export interface SliceMemory {
  /** Counts of the rows that the slice has read, for the log. */
  counts: RowCounts;
  /** Queries that the slice has submitted to the lake. */
  lakeQueries: number;
  /** Pages that have been fetched already, by query and offset. */
  readonly inHand: Map<string, FetchedPage>;
  /** Rows of the largest page that the lake can deliver, once it has refused a larger one. */
  mostRows?: number;
  /** The alert that a large share of the run's rows is rejected has been raised. */
  toldOfRejects?: boolean;
}

/** `pause`: this slice can do nothing more. */
export type StepResult = 'next' | 'pause';

/** A page of the run's result as the lake delivered it, without the totals that its rows carried. */
export interface FetchedPage {
  readonly rows: readonly Row[];
  /** The result totals that its rows state; undefined if they state none. */
  readonly stated?: ResultTotals;
  readonly keySum: bigint;
  readonly oddKeys: number;
  /** Distinguishes it from every other page of the result; undefined: it has no rows. */
  readonly fingerprint?: string;
}

/** The state of a job at the end of a slice. */
export interface Advanced {
  /**
   * `done`: the job has ended, now or before. `more`: the slice or turn ended first, or the run's
   * end can't be recorded; another slice continues. `busy`: other workers hold all open leases.
   */
  readonly state: 'done' | 'more' | 'busy';
  readonly job: SyncJob;
}
