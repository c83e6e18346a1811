import { z } from 'zod';
import type { ErrorFields, ErrorView } from '../../errors/error-fields.js';
import type { Refusal } from '../../models/refusal.js';
import type {
  Leftovers,
  SyncConfig,
  SyncConfigOptions,
  SyncConfigState,
} from '../../models/sync-config.js';
import { CONFIGURABLE_KINDS } from '../../tables/column-kinds.js';
import type { Shape } from '../shape.js';
import { givenErrorFields } from './error.js';
import { count, id, tableId, time } from './fields.js';
import {
  columnDrift,
  keyTotals,
  lakeObject,
  lakeQuery,
  listedKind,
  received,
} from './job-parts.js';

const options = z.strictObject({
  whseid: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('As it was sent: one warehouse or a list; left out: all'),
  deleteMode: z.enum(['soft', 'hard']).optional(),
  deleteGuard: z.strictObject({ percent: z.number().min(0).max(100) }).optional(),
  columns: z.record(z.string(), z.enum(CONFIGURABLE_KINDS)).optional(),
} satisfies Shape<SyncConfigOptions>);

const leftovers = z.strictObject({
  mode: z.enum(['incremental', 'full']),
  from: time.optional(),
  ceiling: time,
  deleteFlag: z.boolean(),
  shapeHash: z.string(),
  totalRecords: count,
  query: lakeQuery,
  offset: count,
  asOf: time.optional(),
  stated: keyTotals.optional(),
  received: received.optional(),
  epoch: count.optional(),
  rebuild: z.literal(true).optional(),
} satisfies Shape<Leftovers>);

type ShownRefusal = Omit<Refusal, keyof ErrorFields> & Partial<ErrorView>;

const refusal = z.strictObject({
  historyId: id,
  since: time,
  lastTime: time,
  count,
  source: z.string(),
  ...givenErrorFields,
} satisfies Shape<ShownRefusal>);

const adopted = 'Left out only of what an earlier version has stored';

const set = {
  tableId,
  tableName: z.string(),
  description: z.string().optional().describe(adopted),
  enabled: z.boolean(),
  syncFrequency: z.number().describe('Minutes'),
  initialSync: z.boolean().optional().describe(adopted),
  batchSize: count.optional().describe(adopted),
  maxRecords: count.optional().describe(adopted),
  lookbackMinutes: z.number().optional().describe(adopted),
  maxWorkers: count.optional().describe(adopted),
  reconcileFrequency: z.number().describe('Minutes; 0: off'),
  reconcileRepair: z.boolean(),
  options,
};

/** Only runs change it. */
const state = {
  lastSyncDate: time.nullable(),
  lastSyncStatus: z.enum(['completed', 'failed']).nullable(),
  lastSyncJobId: z.string().nullable(),
  watermark: time
    .nullable()
    .describe('Everything that the lake indexed up to this time is in MongoDB'),
  lastSuccessAt: time.optional().describe('When the last completed run ended'),
  caughtUpAt: time
    .optional()
    .describe('Everything new was read up to this time, whether or not there was any'),
  nextRunAt: time.nullable(),
  lastReconcileAt: time.nullable(),
  scopeHash: z.string().optional().describe(adopted),
  failureCount: count.optional().describe(adopted),
  lastRunStartTime: time.optional(),
  shapeHash: z.string().optional(),
  sourceHash: z.string().optional(),
  deleteFlag: z.boolean().optional(),
  lakeObject: lakeObject.optional(),
  columnNames: z.array(z.string()).optional(),
  sampleId: z.string().optional(),
  listedKinds: z.array(listedKind).optional(),
  drift: z.array(columnDrift).optional(),
  totalsRefusedAt: time.optional(),
  groupsRefusedAt: time.optional(),
  windowDigest: z.string().optional(),
  objectAskedAt: time.optional(),
  epoch: count.optional(),
  rebuilding: z.literal(true).optional(),
  emptyWarehouses: z.array(z.string()).optional(),
  leftovers: leftovers.optional(),
  pausedReason: z.string().optional(),
  refusals: z.record(z.string(), refusal).optional(),
};

/** What is null has no value yet. */
type Nulled =
  | 'lastSyncDate'
  | 'lastSyncStatus'
  | 'lastSyncJobId'
  | 'watermark'
  | 'nextRunAt'
  | 'lastReconcileAt';
type ShownConfig = Omit<
  SyncConfig,
  Nulled | 'initialSyncAskedAt' | 'lakeKinds' | 'refusals' | 'changeId' | 'revision'
> & {
  [Name in Nulled]: NonNullable<SyncConfigState[Name]> | null;
} & { refusals?: Record<string, ShownRefusal>; revision: number };

const revisionNumber = z.number().int().min(1).describe('Raised by each change that a user makes');

export const configuration = z
  .strictObject({
    _id: z.string(),
    __v: count.optional().describe('Of a configuration that an earlier version has stored'),
    ...({
      ...set,
      ...state,
      createdAt: time,
      updatedAt: time,
      revision: revisionNumber,
    } satisfies Shape<ShownConfig>),
  })
  .meta({ id: 'Configuration' });
