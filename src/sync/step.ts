import type { ResultTotals } from '../datafabric/result-totals.js';
import type { Row } from '../datafabric/rows.js';
import type { RowCounts } from '../models/row-counts.js';
import type { SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';
import type { SyncContext } from './context.js';
import type { JobSession } from './job-session.js';

/**
 * A share of a slice, for jobs that take turns; epoch milliseconds. Unlike the slice's deadline its end
 * breaks nothing off: nothing further is begun.
 */
export interface Turn {
  readonly ends: number;
  /** A query that is still running is waited for until then. */
  readonly waitEnds: number;
}

/** What each step of a run works on. */
export interface Step {
  readonly context: SyncContext;
  readonly session: JobSession;
  readonly table: TableDefinition;
  /** Epoch milliseconds: what is not done by then is broken off. */
  readonly sliceDeadline: number;
  readonly turn: Turn;
  readonly memory: SliceMemory;
}

/** What a worker keeps in memory between the steps of one slice; lost without harm. */
export interface SliceMemory {
  /** Of the rows that the slice has read, for the log. */
  counts: RowCounts;
  /** Pages that have been fetched already, by query and offset. */
  readonly inHand: Map<string, FetchedPage>;
  /** Rows of the largest page that the lake can deliver, once it has refused a larger one. */
  mostRows?: number;
  /** That a large share of the run's rows is rejected has been told. */
  toldOfRejects?: boolean;
}

/** `pause`: there is nothing more that this slice can do. */
export type StepResult = 'next' | 'pause';

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

/** What has become of a job at the end of a slice. */
export interface Advanced {
  /**
   * `done`: the job has ended, now or before. `more`: slice or turn ended first, or the record
   * of the end can't be written; another slice goes on from here. `busy`: other workers hold all that is left to do.
   */
  readonly state: 'done' | 'more' | 'busy';
  readonly job: SyncJob;
}
