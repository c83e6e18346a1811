import type { Fault } from '../../dev/lake/index.js';

/** Values of an edit by the kind of column; null is NULL, a kind left out stays as it is. */
export interface Values {
  readonly text?: string | null;
  readonly number?: string | null;
  readonly date?: string | null;
}

/**
 * How far before the lake's now a change is indexed: a share of the history's shortest
 * lookback, 0 … 1. It comes in late, but never too late for the next run.
 */
export type Late = number;

/** Which of the records that a command can be about: its place, round and round. */
export type Pick = number;

/** What happens in the WMS, and so in the lake. */
export type WmsCommand =
  | {
      readonly do: 'insert';
      readonly warehouse: Pick;
      readonly rows: number;
      readonly values: Values;
      /** A business date, or the lake's now. */
      readonly added: string | null | 'now';
      readonly late: Late;
    }
  | {
      readonly do: 'edit';
      readonly pick: Pick;
      readonly rows: number;
      readonly values: Values;
      readonly late: Late;
    }
  | {
      readonly do: 'delete';
      readonly pick: Pick;
      readonly rows: number;
      readonly keysOnly: boolean;
      readonly late: Late;
    }
  | { readonly do: 'revive'; readonly pick: Pick; readonly values: Values; readonly late: Late }
  /** A business key is deleted, where it lives, and used again. */
  | {
      readonly do: 'reuse';
      readonly pick: Pick;
      readonly first: 'delete' | 'insert';
      /** The lake's clock between the two. */
      readonly gapMs: number;
      readonly thenDelete: boolean;
      readonly late: Late;
    }
  /** A business key is used by two records at once, and goes on so until it is settled. */
  | { readonly do: 'collide'; readonly pick: Pick }
  | { readonly do: 'settle'; readonly pick: Pick; readonly gone: 'older' | 'newer' }
  | { readonly do: 'wait'; readonly ms: number };

export interface Request {
  readonly mode?: 'full' | 'incremental' | 'backfill';
  readonly whseid?: readonly string[];
  readonly startDate?: string;
  readonly endDate?: string;
  readonly batchSize?: number;
  readonly maxRecords?: number;
}

export type RunCommand =
  | { readonly do: 'sync'; readonly request: Request; readonly faults: readonly Fault[] }
  /** Works on a run until it has looked at the clock so often; then the run is left. */
  | {
      readonly do: 'slice';
      readonly request: Request;
      readonly looks: number;
      readonly faults: readonly Fault[];
    }
  /** The same with a deadline so near that it comes in the middle of calls. */
  | { readonly do: 'haste'; readonly request: Request; readonly ms: number }
  /** A query that never ends; its run is left, and the lake forgets the query. */
  | { readonly do: 'stuck'; readonly request: Request; readonly nth: number }
  /** Requests for the same table at the same time. */
  | {
      readonly do: 'race';
      readonly requests: readonly Request[];
      readonly faults: readonly Fault[];
    }
  /** Several workers on one run; `steal`: the leases of the first one end while it works. */
  | {
      readonly do: 'crowd';
      readonly request: Request;
      readonly workers: number;
      readonly steal: boolean;
    }
  | { readonly do: 'cancel' }
  /** Two full runs, of which the second must find nothing to do. */
  | { readonly do: 'verify' };

export type SettingsCommand =
  | {
      readonly do: 'configure';
      /** null: all warehouses; left out: as they are. */
      readonly whseid?: readonly string[] | null;
      readonly deleteMode?: 'soft' | 'hard';
      readonly maxRecords?: number;
      readonly batchSize?: number;
      /** Minutes on top of the history's shortest lookback. */
      readonly moreLookback?: number;
      readonly initialSync?: true;
    }
  | {
      readonly do: 'lake';
      readonly microseconds: boolean;
      readonly shuffled: boolean;
      readonly maxPageRows: number;
    }
  | { readonly do: 'loseResults' }
  | { readonly do: 'expireTokens' };

export type Command = WmsCommand | RunCommand | SettingsCommand;

export interface History {
  readonly tableId: string;
  /** The shortest lookback that its configuration ever has, in minutes. */
  readonly lookback: number;
  /** Whether runs are cut into small segments and queries. */
  readonly smallSizes: boolean;
  readonly commands: readonly Command[];
}

export const WAREHOUSES = ['wmwhse1', 'wmwhse2', 'wmwhse3'] as const;
