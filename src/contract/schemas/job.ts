import { z } from 'zod';
import type { SHOWN_OF_RECONCILE } from '../../api/job-view.js';
import type { ErrorFields, ErrorView } from '../../errors/error-fields.js';
import type { Segment } from '../../models/reading.js';
import { DIFFERENCE_KINDS, type Reconcile } from '../../models/reconcile.js';
import {
  type FinishFailures,
  JOB_PHASES,
  type JobUsage,
  type SyncJob,
} from '../../models/sync-job.js';
import type { JobProgress } from '../../sync/job-progress.js';
import { CONFIGURABLE_KINDS } from '../../tables/column-kinds.js';
import type { Shape } from '../shape.js';
import { givenErrorFields, storedErrorFields } from './error.js';
import { anything, count, hash, id, tableId, time } from './fields.js';
import {
  contestedRow,
  dispatchOutcome,
  jobScope,
  keyTotals,
  lakeObject,
  lakeQuery,
  learned,
  listedKind,
  lookbackWindow,
  received,
  segment,
  sinceProgress,
  split,
} from './job-parts.js';
import {
  jobStats,
  mode,
  outcome,
  reconcileCost,
  reconcileException,
  reconcileResult,
  runProof,
  runStatus,
} from './run.js';

const progress = z
  .strictObject({
    percent: z.number().min(0).max(100).nullable().describe('null until the rows are counted'),
    rowsPerSecond: count.nullable(),
    secondsLeft: count.nullable(),
    segments: z.strictObject({ total: count, done: count, inWork: count }),
    waitingFor: z.string().nullable(),
    heartbeatAgeMs: count,
    stalled: z.boolean().describe('No heartbeat for a minute: the schedule resumes the run'),
  } satisfies Shape<JobProgress>)
  .meta({ id: 'JobProgress' });

const finishing = z.strictObject({
  failures: count,
  nextAt: time,
  ...givenErrorFields,
} satisfies Shape<Omit<FinishFailures, keyof ErrorFields> & ErrorView>);

const reconcile = z.strictObject({
  repair: z.boolean(),
  deep: z.literal(true).optional(),
  confirms: hash.optional(),
  asOf: time.optional(),
  counts: z.partialRecord(z.enum(DIFFERENCE_KINDS), count).optional(),
  repaired: count.optional(),
  exceptions: z.array(reconcileException).optional(),
  result: reconcileResult.optional(),
  cost: reconcileCost,
} satisfies Shape<Pick<Reconcile, (typeof SHOWN_OF_RECONCILE)[number]>>);

const usage = z.strictObject({
  functionMs: count.describe('Milliseconds of function time'),
  slices: count,
  lakeQueries: count.describe('Queries submitted to the lake'),
} satisfies Shape<JobUsage>);

/** What a job of this backend has from its start. */
const fromTheStart = {
  trigger: z.enum(['api', 'schedule']),
  mode,
  phase: z.enum(JOB_PHASES),
  scope: jobScope,
  batchSize: count,
  limit: z.strictObject({ rows: count, keepRest: z.boolean() }),
  deleteMode: z.enum(['soft', 'hard']),
  deleteFlag: z.boolean(),
  hashes: z.strictObject({ scope: z.string(), shape: z.string(), source: z.string() }),
  range: z.strictObject({ from: time.optional(), ceiling: time.optional() }),
  queryAttempts: count,
  startOffset: count,
  segments: z.array(segment),
  totalRecords: count,
  unknownColumns: z.array(z.string()),
  warnings: z.array(z.string()),
  heartbeat: time,
  maxWorkers: count,
} satisfies Partial<Shape<ShownJob>>;

/** What comes to be known or done in the course of it. */
const later = {
  tableId: tableId.optional(),
  tableName: z.string().optional(),
  historyId: id.optional(),
  modeReason: z.string().optional().describe('Why the run is a full one if nobody asked for it'),
  outcome: outcome.optional(),
  active: z.literal(true).optional().describe('Present until the job has ended'),
  lakeObject: lakeObject.optional(),
  probeQuery: lakeQuery.optional(),
  hasLearned: z.literal(true).optional(),
  learned: learned.optional(),
  switched: z.literal(true).optional(),
  rebuild: z.literal(true).optional(),
  withoutSerialKey: z.literal(true).optional(),
  epoch: count.optional(),
  watermarkBefore: time.optional(),
  lookbackMinutes: count.optional(),
  asOf: time.optional(),
  countQuery: lakeQuery.optional(),
  window: lookbackWindow.optional(),
  recountQuery: lakeQuery.optional(),
  query: lakeQuery.optional(),
  totals: z.boolean().optional(),
  totalsRefused: count.optional(),
  stated: keyTotals.optional(),
  told: count.optional(),
  recounted: count.optional(),
  partRecounted: count.optional(),
  contradictions: count.optional(),
  doubted: z.literal(true).optional(),
  inherited: z.literal(true).optional(),
  carried: received.optional(),
  contested: z.array(contestedRow).optional(),
  contestedTwins: z.array(contestedRow).optional(),
  twins: count.optional(),
  proof: runProof.optional(),
  reconcile: reconcile.optional(),
  deleteGuardPercent: z.number().min(0).max(100).optional(),
  emptyWarehouses: z.array(z.string()).optional(),
  initialSyncAskedAt: time.optional(),
  split: split.optional(),
  usage: usage.optional().describe('What the ended slices of the run have used'),
  renamedColumns: z.array(z.string()).optional(),
  columnNames: z.array(z.string()).optional(),
  configuredKinds: z.record(z.string(), z.enum(CONFIGURABLE_KINDS)).optional(),
  listedKinds: z.array(listedKind).optional(),
  shapedBy: z.array(listedKind).optional(),
  lakeKinds: z.array(listedKind).optional(),
  idle: z.literal(true).optional(),
  dispatch: z.strictObject(dispatchOutcome).optional(),
  lostOrders: count.optional(),
  sinceProgress: sinceProgress.optional(),
  finishing: finishing.optional(),
  progress: progress.optional(),
  ...storedErrorFields,
} satisfies Partial<Shape<ShownJob>>;

const always = {
  _id: id,
  jobId: id,
  jobType: z.string().describe('`sync`; that of an earlier version was the table'),
  status: runStatus,
  options: anything.describe('The request'),
  stats: jobStats,
  createdAt: time,
  updatedAt: time,
} satisfies Partial<Shape<ShownJob>>;

/** `jobView`: a stored job without what belongs to its workers. */
type ShownJob = Omit<
  SyncJob,
  | 'jobType'
  | 'lease'
  | 'workers'
  | 'follows'
  | 'unclaimed'
  | 'segments'
  | 'reconcile'
  | 'finishing'
  | 'stats'
  | keyof ErrorFields
> &
  Partial<ErrorView> & {
    jobId: string;
    jobType: string;
    segments: Omit<Segment, 'lease'>[];
    reconcile?: z.infer<typeof reconcile>;
    finishing?: z.infer<typeof finishing>;
    stats: z.infer<typeof jobStats>;
    progress?: JobProgress;
  };

const fields = { ...always, ...fromTheStart, ...later } satisfies Shape<ShownJob>;

/** A job of an earlier version has fewer fields, so only some are required. */
export const job = z
  .strictObject({
    ...fields,
    ...z.object(fromTheStart).partial().shape,
    __v: count.optional().describe('Of a job that an earlier version has stored'),
  })
  .meta({ id: 'Job' });
