import { Schema } from 'mongoose';
import type { ConfigurableKind, ListedKind } from '../tables/column-kinds.js';
import type { Warehouses } from '../tables/warehouses.js';
import type { KeyTotals, Received } from './reading.js';
import type { Refusal } from './refusal.js';
import type { Revised } from './revision.js';
import type { LakeObjectFacts } from './sync-job.js';

/** What a user sets for one table; `syncFrequency` and `lookbackMinutes` are minutes. */
export interface SyncConfigSettings {
  tableId: string;
  tableName: string;
  description: string;
  enabled: boolean;
  syncFrequency: number;
  /** The next run reads the whole table; cleared by the run that did. */
  initialSync: boolean;
  /** Rows asked for in one page. */
  batchSize: number;
  /** Rows that one run reads at most; 0 is no limit. What is left is read by the next runs. */
  maxRecords: number;
  /** How far before the watermark a run reads again, since rows may become visible late. */
  lookbackMinutes: number;
  /** Background workers that read one run of the table at a time. */
  maxWorkers: number;
  /**
   * Minutes between two scheduled comparisons with the lake; 0 is off. Absent in configurations from
   * before there were any: off.
   */
  reconcileFrequency?: number;
  /** Scheduled comparisons repair what they find; absent: they only report. */
  reconcileRepair?: boolean;
  options: SyncConfigOptions;
}

export interface SyncConfigOptions {
  /** The warehouses that the table is synced for, as they were given; left out: all of them. */
  whseid?: Warehouses;
  /**
   * What a row that the lake marks as deleted becomes: `soft` keeps its document, marked
   * by `_lake.deletedAt`; `hard` empties it and removes the rest after 30 days.
   */
  deleteMode?: 'soft' | 'hard';
  deleteGuard?: DeleteGuard;
  /** What columns hold in this tenant, by name, whatever definition and lake say. */
  columns?: Record<string, ConfigurableKind>;
}

/** How many documents may be deleted because the lake has no row for them. */
export interface DeleteGuard {
  /** Share of the table's live documents in 24 hours, in per cent; default 5. */
  percent: number;
}

/** The rest of a run that stopped at `maxRecords`, with the range that it had frozen. */
export interface Leftovers {
  mode: 'incremental' | 'full';
  from?: Date;
  ceiling: Date;
  deleteFlag: boolean;
  shapeHash: string;
  totalRecords: number;
  query: { id: string; sql: string; submittedAt: Date };
  /** Rows of the query's result that are done. */
  offset: number;
  /** MongoDB's time before the rows were counted. */
  asOf?: Date;
  /** What the result states of itself, and what has been received of it. */
  stated?: KeyTotals;
  received?: Received;
  /** The table's epoch then: in a later one this result is a thing of the past. */
  epoch?: number;
  rebuild?: true;
}

/** `pausedReason` of a table that a user has paused; any other one states the failures. */
export const PAUSED_BY_REQUEST = 'paused by request';

/** What the runs leave behind for the next one. */
export interface SyncConfigState {
  lastSyncDate?: Date;
  lastSyncStatus?: 'completed' | 'failed';
  lastSyncJobId?: string;
  /** When that job began: what an earlier one still has to say here comes too late. */
  lastRunStartTime?: Date;
  /** Everything that the lake indexed up to here is in MongoDB. */
  watermark?: Date;
  scopeHash: string;
  shapeHash?: string;
  sourceHash?: string;
  /** Deletes are read by the lake object's delete flag. */
  deleteFlag?: boolean;
  lakeObject?: LakeObjectFacts;
  /** Stored names of columns that no definition knows: a run keeps to their letter case. */
  columnNames?: string[];
  /** `_id` of a row that the last run wrote: while it is there, the collection is not empty. */
  sampleId?: string;
  /** What the lake's column lists say of columns that the definition doesn't know. */
  listedKinds?: ListedKind[];
  /** When the lake last refused to state a result's totals; it is asked again a week later. */
  totalsRefusedAt?: Date;
  /** The same for a count that lists groups. */
  groupsRefusedAt?: Date;
  /** Digest of the rows in the lookback window, which the last run read and found in MongoDB. */
  windowDigest?: string;
  /** When the object was last asked for its columns. */
  objectAskedAt?: Date;
  /** Raised by a rebuild and by another source; never lowered. */
  epoch?: number;
  /** A rebuild has begun and has not been completed. */
  rebuilding?: true;
  /** When `initialSync` was last set: a run that began before does not clear it. */
  initialSyncAskedAt?: Date;
  /** Configured warehouses that had no row when all others were read in full. */
  emptyWarehouses?: string[];
  leftovers?: Leftovers;
  failureCount: number;
  pausedReason?: string;
  nextRunAt?: Date;
  /** When the last run that compares the table with the lake was started, whatever became of it. */
  lastReconcileAt?: Date;
  /** Why no run can be started, by error code; gone with the next one that is. */
  refusals?: Record<string, Refusal>;
}

export interface SyncConfig extends SyncConfigSettings, SyncConfigState, Revised {
  createdAt: Date;
  updatedAt: Date;
}

export const syncConfigSchema = new Schema<SyncConfig>(
  {
    tableId: { type: String, required: true },
    tableName: { type: String, required: true },
    description: { type: String, default: '' },
    enabled: { type: Boolean, default: true },
    syncFrequency: { type: Number, required: true, min: 1 },
    initialSync: { type: Boolean, default: true },
    batchSize: { type: Number, required: true, min: 1 },
    maxRecords: { type: Number, default: 0, min: 0 },
    lookbackMinutes: { type: Number, required: true, min: 1 },
    maxWorkers: { type: Number, default: 1, min: 1 },
    reconcileFrequency: { type: Number, min: 0 },
    reconcileRepair: Boolean,
    options: { type: Schema.Types.Mixed, default: {} },
    lastSyncDate: Date,
    lastSyncStatus: { type: String, enum: ['completed', 'failed'] },
    // Not cast: earlier versions store an ObjectId, also in a configuration of the present form where
    // one is deployed again for a while. Filters have to match that, too.
    lastSyncJobId: Schema.Types.Mixed,
    lastRunStartTime: Date,
    watermark: Date,
    scopeHash: { type: String, required: true },
    shapeHash: String,
    sourceHash: String,
    deleteFlag: Boolean,
    lakeObject: Schema.Types.Mixed,
    objectAskedAt: Date,
    columnNames: { type: [String], default: undefined },
    sampleId: String,
    listedKinds: Schema.Types.Mixed,
    totalsRefusedAt: Date,
    groupsRefusedAt: Date,
    windowDigest: String,
    epoch: { type: Number, min: 0 },
    rebuilding: Boolean,
    initialSyncAskedAt: Date,
    emptyWarehouses: { type: [String], default: undefined },
    leftovers: Schema.Types.Mixed,
    failureCount: { type: Number, default: 0, min: 0 },
    pausedReason: String,
    nextRunAt: Date,
    lastReconcileAt: Date,
    refusals: Schema.Types.Mixed,
    revision: { type: Number, min: 1 },
    changeId: Schema.Types.ObjectId,
  },
  {
    collection: 'syncconfigs',
    timestamps: true,
    minimize: false,
    versionKey: false,
    strict: 'throw',
  },
);
// Not cast: a configuration that somebody has inserted by hand may have any other than an ObjectId.
syncConfigSchema.path('_id', Schema.Types.Mixed);
syncConfigSchema.index({ tableId: 1 }, { unique: true, name: 'one_config_a_table' });
