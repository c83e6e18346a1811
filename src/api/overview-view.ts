import type { SiteEnvironment } from '../config/site-environment.js';
import type { Caller } from '../http/endpoint.js';
import type { Certificate } from '../models/reconcile.js';
import type { JobOutcome, JobPhase, JobStatus, SyncMode } from '../models/sync-job.js';
import type { TableVerdict, VerdictKind } from '../models/verdict.js';

/** The body of `GET sync-overview`: what one screen shows of all tables. Counts are of documents or rows. */
export interface OverviewView {
  readonly environment: SiteEnvironment;
  /** This backend's. */
  readonly version: string;
  /** MongoDB's time, by which every verdict was reached. */
  readonly now: Date;
  readonly caller: Caller | undefined;
  readonly summary: OverviewSummary;
  /** Tables that this backend knows, in its order, then those that only a configuration names. */
  readonly tables: readonly TableOverview[];
}

export interface OverviewSummary {
  /** How many tables there are, and how many of each verdict. */
  readonly tables: number;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  readonly running: number;
  /** The oldest `asOf` among the tables that equal the lake; null: there is none. */
  readonly equalAsOf: Date | null;
  /** The oldest `asOf` among the tables that are equal or proven; null: there is none. */
  readonly provenAsOf: Date | null;
  readonly openRejects: number;
  readonly openDifferences: number;
  /** Deletes that wait for a decision. */
  readonly heldDeletes: number;
  readonly schedule: {
    /** When the last pass ended; null: there has been none. */
    readonly lastPass: Date | null;
    /** No pass has ended for 15 minutes. */
    readonly overdue: boolean;
  };
}

export interface TableOverview {
  readonly tableId: string;
  readonly tableName: string;
  /** False: an earlier or later version has left the configuration; this one can't sync the table. */
  readonly known: boolean;
  readonly verdict: TableVerdict;
  readonly freshness: {
    /** The index time up to which everything is in MongoDB; null: no run has read the whole table. */
    readonly watermark: Date | null;
    /** The newest index time that any run has seen in the lake; null: none has seen a row. */
    readonly sourceNewest: Date | null;
    /** The start of the last run that is proven complete; null: none of those in `runs` is. */
    readonly provenAsOf: Date | null;
  };
  readonly openRejects: number;
  readonly openDifferences: number;
  /** The list of deletes that waits for a decision; null: none waits. */
  readonly heldDeletes: {
    readonly hash: string;
    readonly deletes: number;
    readonly jobId: string;
    readonly createdAt: Date;
    readonly confirmableUntil: Date;
  } | null;
  /** The last comparison of the whole table; null: there is none. */
  readonly certificate:
    | (Pick<Certificate, 'verdict' | 'asOf' | 'remaining' | 'held'> & { readonly jobId: string })
    | null;
  /** Minutes from one scheduled run to the next; null: not configured. */
  readonly syncFrequency: number | null;
  /** When the schedule runs the table next, a time in the past at its next pass; null: it won't. */
  readonly nextRunAt: Date | null;
  /** Why the table is off the schedule; null: it isn't paused. */
  readonly pausedReason: string | null;
  /** The active run; null: there is none. */
  readonly running: RunningView | null;
  /** The last 30, the latest first. */
  readonly runs: readonly RunView[];
}

export interface RunningView {
  readonly jobId: string;
  readonly historyId: string | null;
  readonly phase: JobPhase | null;
  readonly mode: SyncMode | null;
  /** The run also compares MongoDB with the lake. */
  readonly reconcile: boolean;
  readonly startTime: Date;
  /** Rows that it has read, and is to read; `rowsTotal` is null until they are counted. */
  readonly rowsRead: number;
  readonly rowsTotal: number | null;
  /** 0–100; null until the rows are counted. */
  readonly percent: number | null;
  readonly secondsLeft: number | null;
  /** In words; null while it reads. */
  readonly waitingFor: string | null;
  /** No worker has given a sign of life for a minute. */
  readonly stalled: boolean;
}

/** A run as a bar of a chart. */
export interface RunView {
  readonly historyId: string;
  readonly jobId: string;
  readonly status: JobStatus;
  /** Null while it runs, and of a record of an earlier version. */
  readonly outcome: JobOutcome | null;
  readonly mode: SyncMode | null;
  /** The run also compared MongoDB with the lake. */
  readonly reconcile: boolean;
  readonly startTime: Date;
  readonly endTime: Date | null;
  /** Milliseconds; null while it runs, or where the record doesn't say. */
  readonly durationMs: number | null;
  /** Rows read. */
  readonly rows: number;
  /** Rows that could not be stored. */
  readonly rejected: number;
  /** Not a run, but starts that were refused. */
  readonly refused: boolean;
}
