import { Schema, type Types } from 'mongoose';
import type { ErrorFields } from '../errors/error-fields.js';
import type { ConfigurableKind, ListedKind } from '../tables/column-kinds.js';
import type {
  ContestedRow,
  KeyTotals,
  Lease,
  LookbackWindow,
  Received,
  RunProof,
  Segment,
  Split,
} from './reading.js';
import type { Reconcile } from './reconcile.js';
import type { CountFields } from './row-counts.js';
import type { Usage } from './usage.js';

/** `incremental`: what changed since the watermark. `backfill`: a range of a date column. */
export type SyncMode = 'incremental' | 'full' | 'backfill';

export type JobStatus = 'pending' | 'in_progress' | 'completed' | 'failed';

/**
 * The finer word for how a run ended. `partial`: it stopped at maxRecords. `nothing_new`:
 * the count query found no row, or none that an earlier run has not proven to be in MongoDB.
 */
export type JobOutcome =
  | 'complete'
  | 'nothing_new'
  | 'with_rejects'
  | 'partial'
  | 'canceled'
  | 'failed';

/** Where a run stands, in this order. Each phase can be entered again after a crash. */
export const JOB_PHASES = [
  'learning',
  'counting',
  'querying',
  'reading',
  'proving',
  // Of a run that reconciles: groups, rows and documents are compared, and differences confirmed.
  'listing',
  'locating',
  'comparing',
  'confirming',
  'certifying',
  'finishing',
  'ended',
] as const;

export type JobPhase = (typeof JOB_PHASES)[number];

/** What is known of the lake object's columns, and of how it tells deletes. */
export interface LakeObjectFacts {
  /** As the lake lists them, of the view with deleted rows. */
  columns: string[];
  /**
   * `told`: by the flag column. `not_told`: there is no flag. `not_maintained`: the flag
   * disagrees with the plain view. `plain_only`: only the plain view shows the flag column.
   */
  deletes: 'told' | 'not_told' | 'not_maintained' | 'plain_only';
}

/** Which rows a run covers, frozen at its start. */
export interface JobScope {
  /** All warehouses where it is left out. */
  whseids?: string[];
  /** A backfill's range of a date column; `until` is exclusive. */
  date?: { column: string; from?: Date; until?: Date };
  /** It is the configuration's own: only such a run moves the watermark. */
  own: boolean;
}

export interface LakeQuery {
  id: string;
  sql: string;
  submittedAt: Date;
}

/** A job's counts, in rows, and its times. */
export interface JobStats extends CountFields<'job'> {
  /** Rows that the run is to read. */
  totalRecords: number;
  /** When it became the active run, by MongoDB's clock: a table's later run has a later time. */
  startTime: Date;
  endTime?: Date;
  durationMs?: number;
}

/** What became of the latest order for a worker. */
export interface DispatchOutcome {
  at: Date;
  /** The platform took it: it answered 202. */
  accepted: boolean;
  /** HTTP status of the answer, where one came. */
  status?: number;
  /** Why it does not count as accepted, one sentence. */
  reason?: string;
}

/** What has happened since a run last got further: read a page, sent a query, changed its phase. */
export interface SinceProgress {
  /** Leases that were taken since. */
  takeUps: number;
  /** When the first of them was taken, by MongoDB's clock. */
  from: Date;
  /** Since when the lake has refused calls for its quota, by MongoDB's clock. */
  quotaFrom?: Date;
}

/** A run has ended, and the record of its end could not be written so far. */
export interface FinishFailures extends ErrorFields {
  failures: number;
  /** Not tried again before, by MongoDB's clock. */
  nextAt: Date;
}

/** What the slices of a run have used so far; the present ones are added at their ends. */
export type JobUsage = Pick<Usage, 'functionMs' | 'slices' | 'lakeQueries'>;

export interface SyncJob extends ErrorFields {
  _id: Types.ObjectId;
  jobType: 'sync';
  tableId: string;
  tableName: string;
  historyId: Types.ObjectId;
  trigger: 'api' | 'schedule';
  mode: SyncMode;
  /** Why the run is a full one where nobody asked for it. */
  modeReason?: string;
  status: JobStatus;
  outcome?: JobOutcome;
  /** Present until the job has ended; unique for each table. */
  active?: true;
  phase: JobPhase;
  /** The request as it came. */
  options: Record<string, unknown>;
  scope: JobScope;
  batchSize: number;
  /** Rows to read at most, 0 for no limit; `keep`: the rest belongs to the configuration. */
  limit: { rows: number; keepRest: boolean };
  deleteMode: 'soft' | 'hard';
  /** Read through `infor.includedeleted`. */
  deleteFlag: boolean;
  /** Undefined: the lake has listed no columns so far. */
  lakeObject?: LakeObjectFacts;
  /** A query about the object, or about contested rows. */
  probeQuery?: LakeQuery;
  /** The facts were learned by this run, not taken from an earlier one. */
  hasLearned?: true;
  /** How far the learning is. */
  learned?: {
    columns?: string[];
    flagColumn?: string;
    inRows?: true;
    differed?: true;
    unread?: true;
    plain?: true;
  };
  /** The run has changed the view that it reads once, and won't do so again. */
  switched?: true;
  hashes: { scope: string; shape: string; source: string };
  /** The run rebuilds the table, or goes on with one that does. */
  rebuild?: true;
  /** The object is taken to have no SERIALKEY, since a count that names it has failed. */
  withoutSerialKey?: true;
  /** The table's epoch: a row of a higher one replaces any version of a lower one. */
  epoch?: number;
  watermarkBefore?: Date;
  lookbackMinutes?: number;
  /** MongoDB's time before the count was sent: no watermark is later. */
  asOf?: Date;
  /** The range of index times, both ends inclusive. `from` is left out of a full run. */
  range: { from?: Date; ceiling?: Date };
  countQuery?: LakeQuery;
  /** Undefined: the count lists no groups. */
  window?: LookbackWindow;
  /** Sent after the reading, where the counts are needed for the proof. */
  recountQuery?: LakeQuery;
  query?: LakeQuery;
  /** How often the data query, or that of the present range, was sent. */
  queryAttempts: number;
  /** Whether the query asks the lake to state the result's totals. */
  totals?: boolean;
  /** How often the lake has refused to state totals. */
  totalsRefused?: number;
  /** What the query's result states of itself, and what its status told. */
  stated?: KeyTotals;
  told?: number;
  /** What the recount found; `partRecounted`: of the present range of a split run. */
  recounted?: number;
  partRecounted?: number;
  /** How often the query was sent again because its result contradicted the lake's totals. */
  contradictions?: number;
  /** A query was sent again because its answer may have been a mistake of the lake's. */
  doubted?: true;
  /** The query is an earlier run's: whatever is wrong with it, another one is sent. */
  inherited?: true;
  /** What earlier runs have read of the result that this run goes on with. */
  carried?: Received;
  contested?: ContestedRow[];
  /** The same, for rows that met another live row: they must not take the place of the others. */
  contestedTwins?: ContestedRow[];
  /** Live rows beside another one with the same key, on different pages. */
  twins?: number;
  proof?: RunProof;
  /** Set where the run compares MongoDB with the lake, once it has read what is new. */
  reconcile?: Reconcile;
  /** Share of the table, in per cent, that inferred deletes may take in a day; left out: the default. */
  deleteGuardPercent?: number;
  /** Warehouses that were asked for and have no row at all. */
  emptyWarehouses?: string[];
  /** When the configuration's `initialSync` was last asked for, as it was at the start. */
  initialSyncAskedAt?: Date;
  split?: Split;
  /** A resumed run's offset into the first query's result: it was done before. */
  startOffset: number;
  segments: Segment[];
  totalRecords: number;
  stats: JobStats;
  unknownColumns: string[];
  /** Columns stored under another name than the lake's: `"sku" as SKU`. */
  renamedColumns?: string[];
  /** Stored names of unknown columns as earlier runs met them. */
  columnNames?: string[];
  /** `options.columns` of the configuration, as it was at the start. */
  configuredKinds?: Record<string, ConfigurableKind>;
  /** What the lake's column lists say of columns that the definition doesn't know. */
  listedKinds?: ListedKind[];
  /** Those of them that `hashes.shape` is made of. */
  shapedBy?: ListedKind[];
  /** The kinds of all columns by the list of the run's result. */
  lakeKinds?: ListedKind[];
  warnings: string[];
  usage?: JobUsage;
  /** When a worker last gave a sign of life, by MongoDB's clock. */
  heartbeat: Date;
  /** Workers that may read at a time. */
  maxWorkers: number;
  /** How often each worker's slot was started, by slot. */
  workers?: Record<string, number>;
  /** A slice ended before the job did, and nobody was told to go on. */
  idle?: true;
  dispatch?: DispatchOutcome;
  /** An order was sent, and no lease has been taken since. */
  unclaimed?: true;
  /** Accepted orders in a row that no worker took up. */
  lostOrders?: number;
  sinceProgress?: SinceProgress;
  finishing?: FinishFailures;
  /**
   * The last run that the configuration had on record when this one became active; null: none.
   * The end of this run is recorded once, in that one's place.
   */
  follows?: string | null;
  /** Of the worker that plans or finishes it. */
  lease?: Lease;
  createdAt: Date;
  updatedAt: Date;
}

/** Days that ended jobs are kept. */
const KEEP_DAYS = 90;

export const syncJobSchema = new Schema<SyncJob>(
  {
    jobType: { type: String, default: 'sync' },
    tableId: { type: String, required: true },
    tableName: { type: String, required: true },
    historyId: { type: Schema.Types.ObjectId, required: true },
    trigger: { type: String, required: true },
    mode: { type: String, required: true },
    modeReason: String,
    status: { type: String, required: true },
    outcome: String,
    active: Boolean,
    phase: { type: String, required: true },
    options: { type: Schema.Types.Mixed, default: {} },
    scope: { type: Schema.Types.Mixed, required: true },
    batchSize: { type: Number, required: true },
    limit: { type: Schema.Types.Mixed, required: true },
    deleteMode: { type: String, required: true },
    deleteFlag: { type: Boolean, required: true },
    lakeObject: Schema.Types.Mixed,
    probeQuery: Schema.Types.Mixed,
    hasLearned: Boolean,
    learned: Schema.Types.Mixed,
    switched: Boolean,
    hashes: { type: Schema.Types.Mixed, required: true },
    rebuild: Boolean,
    withoutSerialKey: Boolean,
    epoch: Number,
    watermarkBefore: Date,
    lookbackMinutes: Number,
    asOf: Date,
    range: { type: Schema.Types.Mixed, default: {} },
    countQuery: Schema.Types.Mixed,
    window: Schema.Types.Mixed,
    recountQuery: Schema.Types.Mixed,
    query: Schema.Types.Mixed,
    queryAttempts: { type: Number, default: 0 },
    totals: Boolean,
    totalsRefused: Number,
    stated: Schema.Types.Mixed,
    told: Number,
    recounted: Number,
    partRecounted: Number,
    contradictions: Number,
    doubted: Boolean,
    inherited: Boolean,
    carried: Schema.Types.Mixed,
    contested: Schema.Types.Mixed,
    contestedTwins: Schema.Types.Mixed,
    twins: Number,
    proof: Schema.Types.Mixed,
    reconcile: Schema.Types.Mixed,
    deleteGuardPercent: Number,
    emptyWarehouses: { type: [String], default: undefined },
    initialSyncAskedAt: Date,
    split: Schema.Types.Mixed,
    startOffset: { type: Number, default: 0 },
    segments: { type: Schema.Types.Mixed, default: [] },
    totalRecords: { type: Number, default: 0 },
    stats: { type: Schema.Types.Mixed, required: true },
    unknownColumns: { type: [String], default: [] },
    renamedColumns: { type: [String], default: undefined },
    columnNames: { type: [String], default: undefined },
    configuredKinds: Schema.Types.Mixed,
    listedKinds: Schema.Types.Mixed,
    shapedBy: Schema.Types.Mixed,
    lakeKinds: Schema.Types.Mixed,
    warnings: { type: [String], default: [] },
    usage: Schema.Types.Mixed,
    heartbeat: { type: Date, required: true },
    idle: Boolean,
    dispatch: Schema.Types.Mixed,
    unclaimed: Boolean,
    lostOrders: Number,
    sinceProgress: Schema.Types.Mixed,
    finishing: Schema.Types.Mixed,
    follows: String,
    maxWorkers: { type: Number, required: true },
    workers: Schema.Types.Mixed,
    lease: Schema.Types.Mixed,
    error: String,
    errorCode: String,
    errorDetails: Schema.Types.Mixed,
  },
  { collection: 'syncjobs', timestamps: true, minimize: false },
);
syncJobSchema.index(
  { tableId: 1 },
  {
    unique: true,
    name: 'one_active_run_a_table',
    partialFilterExpression: { active: true },
  },
);
syncJobSchema.index(
  { 'stats.endTime': 1 },
  { name: 'ended_jobs_expire', expireAfterSeconds: KEEP_DAYS * 86_400 },
);
// Of all tables: the index above is of use only where a table is named.
syncJobSchema.index(
  { active: 1 },
  { name: 'active_runs', partialFilterExpression: { active: true } },
);
syncJobSchema.index({ historyId: 1 }, { name: 'job_of_an_entry' });
syncJobSchema.index({ tableId: 1, 'stats.startTime': -1 }, { name: 'jobs_of_a_table' });
