import { z } from 'zod';
import type {
  OverviewSummary,
  OverviewView,
  RunningView,
  RunView,
  TableOverview,
} from '../../api/overview-view.js';
import { syncOverview } from '../../api/sync-overview.js';
import type { SiteEnvironment } from '../../config/site-environment.js';
import { JOB_PHASES } from '../../models/sync-job.js';
import type { VerdictKind } from '../../models/verdict.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { certificateSummary } from '../schemas/certificate.js';
import { count, hash, id, tableId, time } from '../schemas/fields.js';
import { mode, outcome, runStatus } from '../schemas/run.js';
import { tableVerdict } from '../schemas/verdict.js';
import type { Shape } from '../shape.js';
import { caller } from './health.js';

const run = z
  .strictObject({
    historyId: id,
    jobId: z.string(),
    status: runStatus,
    outcome: outcome.nullable().describe("null: it runs, or is an earlier version's"),
    mode: mode.nullable(),
    reconcile: z.boolean().describe('It also compared MongoDB with the lake'),
    startTime: time,
    endTime: time.nullable(),
    durationMs: z.number().min(0).nullable().describe('Milliseconds'),
    rows: count.describe('Rows read'),
    rejected: count.describe('Rows that could not be stored'),
    refused: z.boolean().describe('Not a run, but starts that were refused'),
  } satisfies Shape<RunView>)
  .meta({ id: 'OverviewRun' });

const running = z
  .strictObject({
    jobId: id,
    historyId: id.nullable(),
    phase: z.enum(JOB_PHASES).nullable(),
    mode: mode.nullable(),
    reconcile: z.boolean(),
    startTime: time,
    rowsRead: count,
    rowsTotal: count.nullable().describe('null until the rows are counted'),
    percent: z.number().min(0).max(100).nullable().describe('null until the rows are counted'),
    secondsLeft: count.nullable(),
    waitingFor: z.string().nullable(),
    stalled: z.boolean().describe('No heartbeat for a minute'),
  } satisfies Shape<RunningView>)
  .meta({ id: 'OverviewRunning' });

const heldDeletes = z.strictObject({
  hash,
  deletes: count,
  jobId: id,
  createdAt: time,
  confirmableUntil: time,
} satisfies Shape<NonNullable<TableOverview['heldDeletes']>>);

const freshness = z.strictObject({
  watermark: time.nullable().describe('Everything indexed up to here is in MongoDB'),
  sourceNewest: time.nullable().describe('The newest index time seen in the lake'),
  provenAsOf: time.nullable().describe('The start of the last run that is proven complete'),
} satisfies Shape<TableOverview['freshness']>);

const table = z
  .strictObject({
    tableId,
    tableName: z.string(),
    known: z.boolean().describe('false: only a configuration names the table'),
    verdict: tableVerdict,
    freshness,
    openRejects: count,
    openDifferences: count,
    heldDeletes: heldDeletes.nullable(),
    certificate: certificateSummary.nullable(),
    syncFrequency: z.number().nullable().describe('Minutes'),
    nextRunAt: time.nullable().describe('null: the schedule does not run the table'),
    pausedReason: z.string().nullable(),
    running: running.nullable(),
    runs: z.array(run).max(30).describe('The latest first'),
  } satisfies Shape<TableOverview>)
  .meta({ id: 'TableOverview' });

const verdicts = z
  .strictObject({
    equal: count,
    proven: count,
    different: count,
    held: count,
    behind: count,
    failing: count,
    paused: count,
    never_run: count,
    not_configured: count,
  } satisfies Record<VerdictKind, unknown>)
  .describe('How many tables have each verdict');

const summary = z.strictObject({
  tables: count,
  verdicts,
  running: count,
  equalAsOf: time.nullable().describe('The oldest among the tables that equal the lake'),
  provenAsOf: time.nullable().describe('The oldest among the tables that are equal or proven'),
  openRejects: count,
  openDifferences: count,
  heldDeletes: count,
  schedule: z.strictObject({
    lastPass: time.nullable().describe('When the last pass of the schedule ended'),
    overdue: z.boolean(),
  } satisfies Shape<OverviewSummary['schedule']>),
} satisfies Shape<OverviewSummary>);

const ENVIRONMENTS = ['production', 'preview', 'local'] satisfies SiteEnvironment[];

const overview = z
  .strictObject({
    environment: z.enum(ENVIRONMENTS),
    version: z.string(),
    now: time.describe("MongoDB's time, by which the verdicts were reached"),
    caller,
    summary,
    tables: z.array(table),
  } satisfies Shape<OverviewView>)
  .meta({ id: 'Overview' });

/** The answer as JSON. */
export type Overview = z.infer<typeof overview>;

export const syncOverviewContract: EndpointContract = {
  endpoint: syncOverview,
  operations: {
    GET: {
      summary: 'All tables at a glance: verdict, freshness, what is open, and the last runs',
      description:
        'One request for one screen. It reads stored totals and indexed entries only, so its cost does not depend on the length of the history.',
      answers: { 200: { description: 'All tables', body: overview } },
      errors: [...DATABASE],
    },
  },
};
