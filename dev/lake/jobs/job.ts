import type { Spool } from '../store/spool.js';
import type { WireColumn } from '../store/wire.js';

/** How a job has ended. */
export interface Ended {
  readonly status: 'FINISHED' | 'FAILED' | 'CANCELED';
  readonly columns: readonly WireColumn[];
  readonly spool?: Spool;
  /** Rows that a FINISHED query found, else 0. The spool has fewer where some of them were lost. */
  readonly found: number;
  /** By the lake's clock, epoch milliseconds. */
  readonly at: number;
}

/** What is to become of a query, where it is not what the SQL says. */
export interface JobPlan {
  /** It runs until it is canceled. */
  readonly stuck?: boolean;
  /** It fails with this message. */
  readonly failure?: string;
  /** Its frozen result lacks so many of its last rows. */
  readonly lostRows?: number;
}

export interface Job {
  readonly queryId: string;
  /** Undefined while the job runs. */
  readonly ended: Ended | undefined;
  /** Resolves when the job has ended. */
  readonly end: Promise<void>;
}
