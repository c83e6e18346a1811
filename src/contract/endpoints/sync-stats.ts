import { z } from 'zod';
import type { ColumnView } from '../../api/column-view.js';
import type { lastSyncView } from '../../api/last-sync.js';
import type { totalsView } from '../../api/run-totals.js';
import { syncStats } from '../../api/sync-stats.js';
import type { usageView } from '../../api/usage-view.js';
import { countFields } from '../../models/row-counts.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { certificateSummary } from '../schemas/certificate.js';
import { storedErrorFields } from '../schemas/error.js';
import { count, id, tableId, time } from '../schemas/fields.js';
import { columnDrift } from '../schemas/job-parts.js';
import { refusal } from '../schemas/refusal.js';
import { runStatus } from '../schemas/run.js';
import type { Shape } from '../shape.js';
import { caller } from './health.js';

type Totals = ReturnType<typeof totalsView>;
const seconds = z.number().min(0).describe('Seconds; 0: no run has completed');
const milliseconds = z.number().min(0).nullable().describe('null: no run has completed');

type UsageView = ReturnType<typeof usageView>;
const used = {
  functionSeconds: z.number().min(0).describe('From the start to the end of each slice of a run'),
  slices: count.describe('Slices of runs: each is about one request to a function'),
  lakeQueries: count.describe('Queries submitted to the lake'),
  credits: z.number().min(0).describe('Netlify credits, estimated by the rates in sync-settings'),
} satisfies Shape<UsageView['total']>;

const totals = {
  syncHistory: z.strictObject({
    total: count,
    successful: count,
    failed: count,
  } satisfies Shape<Totals['syncHistory']>),
  records: z.strictObject({
    ...({
      ...countFields('earlierTotal', () => count),
      ...countFields('totals', () => count),
    } satisfies Shape<Totals['records']>),
    stored: count.describe("MongoDB's own count of the table's collection"),
    openRejects: count,
  }),
  performance: z.strictObject({
    avgDuration: seconds,
    minDuration: seconds,
    maxDuration: seconds,
    avgDurationMs: milliseconds,
    minDurationMs: milliseconds,
    maxDurationMs: milliseconds,
  } satisfies Shape<Totals['performance']>),
  usage: z.strictObject({
    total: z.strictObject(used),
    days: z
      .array(z.strictObject({ day: z.iso.date().describe('UTC'), ...used }))
      .describe('Of the last 30 days those on which runs worked, the latest first'),
  } satisfies Shape<UsageView>),
} satisfies Record<keyof Totals | 'usage', z.ZodType>;

const lastSync = z.strictObject({
  ...({
    date: time,
    status: runStatus,
    recordsProcessed: count,
    duration: z.number().min(0).describe('Seconds'),
    durationMs: z.number().min(0).describe('Milliseconds'),
    historyId: id,
    jobId: z.string(),
    ...storedErrorFields,
  } satisfies Shape<ReturnType<typeof lastSyncView>>),
});

const table = z
  .strictObject({
    tableId,
    tableName: z.string(),
    enabled: z.boolean(),
    syncFrequency: z.number().describe('Minutes'),
    lastSync: lastSync.nullable().describe('The newest entry of the history that has ended'),
    lastSyncDate: time.nullable(),
    lastSyncStatus: z.enum(['completed', 'failed']).nullable(),
    running: z.boolean(),
    refusals: z.array(refusal).describe("Why runs of the table can't be started"),
    drift: z
      .array(columnDrift)
      .describe('How columns have changed in the lake, the latest change first'),
    certificate: certificateSummary.nullable(),
    ...totals,
  })
  .meta({ id: 'TableStatistics' });

const column = z.strictObject({
  column: z.string(),
  kind: z.string().describe('`text`, `number`, `date` or `deleteFlag`'),
  source: z.enum(['table', 'configuration', 'lake', 'guess']),
  inLake: z.boolean().nullable(),
} satisfies Shape<ColumnView>);

const oneTable = table
  .extend({ columns: z.array(column) })
  .meta({ id: 'TableStatisticsWithColumns' });

const allTables = z
  .strictObject({
    tables: z.array(table),
    summary: z.strictObject({
      totalTables: count,
      enabledTables: count,
      runningTables: count,
      lastSync: time.nullable(),
      ...totals,
      schedule: z.strictObject({
        lastPass: time.nullable().describe('When the last pass of the schedule ended'),
        overdue: z.boolean(),
      }),
    }),
    caller,
  })
  .meta({ id: 'Statistics' });

export const syncStatsContract: EndpointContract = {
  endpoint: syncStats,
  operations: {
    GET: {
      summary: 'Statistics of all tables, or of one',
      answers: {
        200: {
          description: 'With `tableId` one table, otherwise all tables and their sums',
          body: z.union([oneTable, allTables]),
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE', 'CONFIG_NOT_FOUND'],
    },
  },
};
