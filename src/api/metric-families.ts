import type { RowCounts } from '../models/row-counts.js';
import { OUTCOME_TOTALS } from '../models/run-outcomes.js';
import type { RunTotals } from '../models/run-totals.js';
import type { SiteMetrics, TableMetrics } from './metric-facts.js';
import type { MetricFamily, Sample } from './openmetrics.js';

/** A family, and how its samples follow from what is stored. */
interface Metric extends MetricFamily {
  samples(facts: SiteMetrics): readonly Sample[];
}

type TableMetric = Omit<Metric, 'samples'> & {
  /** A number, or several with further labels; undefined: the table has none. */
  of(table: TableMetrics, now: Date): number | undefined | readonly Sample[];
};

const PREFIX = 'datalake_sync_';
/** The result of a row, and its name among the totals. */
const RESULTS = {
  created: 'inserted',
  updated: 'updated',
  unchanged: 'unchanged',
  stale: 'stale',
  rejected: 'error',
} as const satisfies Partial<Record<keyof RowCounts, keyof RunTotals>>;

const OF_TABLES: readonly TableMetric[] = [
  {
    name: 'rows',
    type: 'counter',
    help: 'Rows read from the lake, by what became of them.',
    of: ({ runs }) =>
      Object.entries(RESULTS).map(([result, name]) => ({ labels: { result }, value: runs[name] })),
  },
  {
    name: 'runs',
    type: 'counter',
    help: 'Runs that have ended, by outcome.',
    of: ({ runs }) =>
      Object.entries(OUTCOME_TOTALS).map(([outcome, name]) => ({
        labels: { outcome },
        value: runs[name],
      })),
  },
  {
    name: 'run_duration_seconds',
    type: 'summary',
    unit: 'seconds',
    help: 'Durations of completed runs.',
    of: ({ runs }) => [
      { part: 'sum', value: runs.duration / 1000 },
      { part: 'count', value: runs.timed },
    ],
  },
  {
    name: 'unreadable_rows',
    type: 'counter',
    help: 'Rows stored without a value that could not be read.',
    of: ({ runs }) => runs.unreadable,
  },
  {
    name: 'enabled',
    type: 'gauge',
    help: '1: the table is synced by the schedule; 0: it is disabled, paused or not configured.',
    of: ({ config }) => (config?.enabled && config.pausedReason === undefined ? 1 : 0),
  },
  {
    name: 'last_success_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the last completed run ended.',
    of: ({ config }) => seconds(config?.lastSuccessAt),
  },
  {
    name: 'source_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Index time of the newest change of the lake that has come in.',
    of: ({ config }) => seconds(config?.watermark),
  },
  {
    name: 'lag_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time since the lake was last read up to its end: MongoDB may lack what it got since.',
    of: ({ config }, now) =>
      config?.caughtUpAt && Math.max(0, now.getTime() - config.caughtUpAt.getTime()) / 1000,
  },
  {
    name: 'open_rejects',
    type: 'gauge',
    help: 'Rows that could not be stored, or only without some of their values, and wait as rejects.',
    of: ({ openRejects }) => openRejects,
  },
  {
    name: 'differences',
    type: 'gauge',
    help: 'Documents that differed from the lake after the last reconcile.',
    of: ({ differences }) => differences,
  },
  {
    name: 'last_equal_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'As of when a reconcile last found that the table equals the lake.',
    of: ({ lastEqual }) => seconds(lastEqual),
  },
  {
    name: 'deletes_held',
    type: 'gauge',
    help: 'Documents whose deletes wait for a confirmation.',
    of: ({ deletesHeld }) => deletesHeld,
  },
  {
    name: 'column_changes',
    type: 'gauge',
    help: 'Columns in the drift report: they have appeared, disappeared or changed their kind.',
    of: ({ config }) => config && (config.drift?.length ?? 0),
  },
  {
    name: 'lake_queries',
    type: 'counter',
    help: 'Queries that runs have submitted to the lake.',
    of: ({ usage }) => usage.lakeQueries,
  },
  {
    name: 'function_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'Function time of the slices of runs.',
    of: ({ usage }) => usage.functionMs / 1000,
  },
  {
    name: 'leases_lost',
    type: 'counter',
    help: 'Slices that ended since another worker had taken their lease, or the run was canceled.',
    of: ({ usage }) => usage.leasesLost,
  },
];

/** Every metric, in the order of the answer. Labels are names that the code knows, never data. */
export const METRICS: readonly Metric[] = [
  ...OF_TABLES.map(ofTables),
  {
    name: `${PREFIX}tokens_requested`,
    type: 'counter',
    help: 'Access tokens that ION has issued.',
    samples: ({ tokens }) => [{ value: tokens }],
  },
  {
    name: `${PREFIX}last_pass_timestamp_seconds`,
    type: 'gauge',
    unit: 'seconds',
    help: 'When the last pass of the schedule ended.',
    samples: ({ lastPass }) => (lastPass ? [{ value: Number(seconds(lastPass)) }] : []),
  },
];

function ofTables({ of, ...family }: TableMetric): Metric {
  return {
    ...family,
    name: `${PREFIX}${family.name}`,
    samples: ({ tables, now }) =>
      tables.flatMap((table): readonly Sample[] => {
        const found = of(table, now);
        const samples = typeof found === 'number' ? [{ value: found }] : (found ?? []);
        return samples.map(({ labels, ...sample }: Sample) => ({
          ...sample,
          labels: { table: table.tableId, ...labels },
        }));
      }),
  };
}

function seconds(at: Date | undefined): number | undefined {
  return at && at.getTime() / 1000;
}
