import type { Fault, LakeSettings } from '../../dev/lake/index.js';
import type { WriteRefusal } from '../support/refused-writes.js';

/** Values of an edit by the kind of column; null is NULL, a kind left out stays as it is. */
export interface Values {
  readonly text?: string | null;
  readonly number?: string | null;
  readonly date?: string | null;
}

/**
 * A share of the history's shortest lookback, 0 … 1. A change comes in late by it, or the lake's
 * clock goes back by it, but never so far that the next run would miss something.
 */
export type Late = number;

/** Which of the records that a command can be about: its place, round and round. */
export type Pick = number;

/** What happens in a WMS as it should be, and so in the lake. */
export type OrdinaryChange =
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

/** What a lake should not do to its records. */
export type OddChange =
  /** Records are in no query's result until they are shown. */
  | { readonly do: 'hide'; readonly pick: Pick; readonly rows: number }
  | { readonly do: 'show' }
  | { readonly do: 'stepBack'; readonly share: Late }
  /** A change is indexed so long before the version that it follows. */
  | {
      readonly do: 'goBack';
      readonly pick: Pick;
      readonly what: 'edit' | 'delete';
      readonly values: Values;
      readonly ms: number;
    };

export type WmsCommand = OrdinaryChange | OddChange;

/** A change before the nth call of the lake that a run command makes. */
export interface Meanwhile {
  readonly nth: number;
  readonly change: WmsCommand;
}

/** What MongoDB refuses, and whether a run must come through that. */
export interface Refusal extends WriteRefusal {
  readonly isTransient: boolean;
}

/** What lake and MongoDB do while a run command lasts. */
export interface Trouble {
  readonly faults: readonly Fault[];
  readonly meanwhile: readonly Meanwhile[];
  /** Oddities that must make no difference to any run. */
  readonly harmless?: readonly Fault[];
  /** Of the query that an earlier run left, if the command begins with its rest. */
  readonly ofInherited?: readonly Fault[];
  readonly writes?: Refusal;
}

/** What answers an order for a worker: something in front of the site, or the site, whose worker never comes. */
export type OrderAnswer = 'page' | 'login' | 'redirect' | 'missing' | 'lost';

export interface Request {
  readonly mode?: 'full' | 'incremental' | 'backfill';
  readonly rebuild?: true;
  readonly whseid?: readonly string[];
  readonly startDate?: string;
  readonly endDate?: string;
  readonly batchSize?: number;
  readonly maxRecords?: number;
}

export type RunCommand =
  | { readonly do: 'sync'; readonly request: Request; readonly trouble: Trouble }
  /** Works on a run until it has looked at the clock so often; then the run is left. */
  | {
      readonly do: 'slice';
      readonly request: Request;
      readonly looks: number;
      readonly trouble: Trouble;
    }
  /** The same with a deadline so near that it comes in the middle of calls. */
  | { readonly do: 'haste'; readonly request: Request; readonly ms: number }
  /** A query that never ends; its run is left, and the lake forgets the query. */
  | { readonly do: 'stuck'; readonly request: Request; readonly nth: number }
  /** Requests for the same table at the same time. */
  | {
      readonly do: 'race';
      readonly requests: readonly Request[];
      readonly trouble: Trouble;
    }
  /** Several workers on one run; `steal`: the leases of the first one end while it works. */
  | {
      readonly do: 'crowd';
      readonly request: Request;
      readonly workers: number;
      readonly steal: boolean;
      readonly trouble: Trouble;
    }
  /** The lake refuses calls for its quota for as long as the slice lasts; `hours`: and for hours after. */
  | {
      readonly do: 'overQuota';
      readonly request: Request;
      readonly ms: number;
      readonly on: 'submit' | 'status' | 'result';
      readonly hours: boolean;
    }
  /** A request that hands its run to a worker at once. */
  | { readonly do: 'order'; readonly request: Request; readonly answer: OrderAnswer }
  | { readonly do: 'cancel' }
  /** Two full runs, of which the second must find nothing to do. */
  | { readonly do: 'verify' }
  /** Another tenant's backend on the same database takes up the run that was left, or asks for one. */
  | { readonly do: 'stranger' };

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
  | { readonly do: 'expireTokens' }
  /** From now on the lake answers like this. */
  | {
      readonly do: 'misbehave';
      readonly pastEnd: LakeSettings['pastEnd'];
      readonly refuseTotals: boolean;
      /** How long changes are not visible. */
      readonly delay: Late;
    }
  /** The collection is emptied behind the backend's back. */
  | { readonly do: 'emptyTarget' }
  /** The stored watermark is later than MongoDB's clock. */
  | { readonly do: 'forwardWatermark' };

export type Command = WmsCommand | RunCommand | SettingsCommand;

export interface History {
  readonly tableId: string;
  /** The shortest lookback that its configuration ever has, in minutes. */
  readonly lookback: number;
  /** Whether runs are cut into small segments and queries. */
  readonly smallSizes: boolean;
  /**
   * How far the lake's clock is ahead of MongoDB's in the beginning, in milliseconds; left out:
   * so far behind that it stays there.
   */
  readonly aheadMs?: number;
  readonly commands: readonly Command[];
}

export const WAREHOUSES = ['wmwhse1', 'wmwhse2', 'wmwhse3'] as const;
