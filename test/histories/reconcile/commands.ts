import type { Fault } from '../../../dev/lake/index.js';
import type { Late, Meanwhile, Pick, WmsCommand } from '../commands.js';

/** What somebody does to MongoDB behind the backend's back. */
export type Tampering =
  | { readonly do: 'remove'; readonly pick: Pick; readonly documents: number }
  /** The version that a document claims is moved. */
  | { readonly do: 'moveVersion'; readonly pick: Pick; readonly ms: number }
  | { readonly do: 'changeSerialKey'; readonly pick: Pick }
  /** A document without our version. */
  | { readonly do: 'disown'; readonly pick: Pick }
  /** A copy of a document under a key that the lake has never had. */
  | { readonly do: 'invent'; readonly pick: Pick; readonly documents: number }
  | { readonly do: 'markDeleted'; readonly pick: Pick }
  | { readonly do: 'unmarkDeleted'; readonly pick: Pick }
  | { readonly do: 'dropCollection' }
  /** Later than it is, and not later than the newest index time may be. */
  | { readonly do: 'forwardWatermark'; readonly ms: number };

/** What the lake does while a run lasts. */
export interface LakeTrouble {
  readonly faults: readonly Fault[];
  readonly meanwhile: readonly Meanwhile[];
}

export type Work = 'incremental' | 'full' | 'report' | 'repair';

export type ReconcileCommand =
  | { readonly do: 'wms'; readonly change: WmsCommand }
  | { readonly do: 'tamper'; readonly how: Tampering }
  | { readonly do: 'run'; readonly work: Work; readonly trouble: LakeTrouble }
  /** The run is left after so many looks at the clock; whatever runs next goes on with it. */
  | {
      readonly do: 'slice';
      readonly work: Work;
      readonly looks: number;
      readonly trouble: LakeTrouble;
    }
  /** A worker stops between its query and its first write, and is believed dead. */
  | { readonly do: 'freeze'; readonly work: Work }
  /** It goes on where it stopped. */
  | { readonly do: 'thaw' }
  /** Time passes for the lake and for MongoDB. */
  | { readonly do: 'pass'; readonly ms: number }
  /** Somebody decides the list of held deletes, if there is one. */
  | { readonly do: 'confirm' }
  | { readonly do: 'discard' }
  | {
      readonly do: 'configure';
      readonly deleteMode: 'soft' | 'hard';
      /** null: all warehouses. */
      readonly whseid: readonly string[] | null;
    }
  | {
      readonly do: 'lake';
      readonly microseconds: boolean;
      readonly shuffled: boolean;
      readonly maxPageRows: number;
      /** How long changes are not visible. */
      readonly delay: Late;
    };

export interface ReconcileHistory {
  readonly tableId: string;
  /** Minutes. */
  readonly lookback: number;
  readonly smallSizes: boolean;
  /** As in `History`. */
  readonly aheadMs?: number;
  readonly commands: readonly ReconcileCommand[];
}
