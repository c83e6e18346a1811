import { number } from '../format/count.js';
import { readableDuration } from '../format/duration.js';
import { shorten } from '../format/shorten.js';
import { localTime } from '../format/time.js';
import { runHref } from '../state/run.js';
import type { OverviewRun } from '../state/shapes.js';
import { texts } from '../texts.js';
import { type Bar, BarChart } from './bar-chart.js';
import { sentence } from './sentence.js';

/** The last runs of a table; each bar leads to its run. */
export function RecentRuns({
  name,
  runs,
}: {
  readonly name: string;
  /** The latest first. */
  readonly runs: readonly OverviewRun[];
}) {
  if (runs.length === 0) return <span class="quiet">{texts.chart.empty}</span>;
  const label = sentence(texts.chart.label, { table: shorten(name) });
  return <BarChart label={label} bars={runs.map(barOf).reverse()} />;
}

function barOf(run: OverviewRun): Bar {
  const { historyId, jobId, startTime, rows, durationMs } = run;
  const label = sentence(texts.chart.bar, {
    at: localTime(startTime),
    outcome: texts.outcomes[outcomeOf(run)],
    rows: `${number(rows)} ${texts.units.rows[rows === 1 ? 0 : 1]}`,
    duration: durationMs === null ? texts.unknown : readableDuration(durationMs / 1000),
  });
  return {
    ...{ key: historyId, label, href: runHref(historyId, jobId) },
    ...{ above: rows, below: durationMs ?? 0, look: lookOf(run) },
  };
}

function outcomeOf({ refused, outcome, status }: OverviewRun): keyof typeof texts.outcomes {
  if (refused) return 'refused';
  if (status === 'pending' || status === 'in_progress') return 'running';
  return outcome ?? status;
}

function lookOf(run: OverviewRun): Bar['look'] {
  const outcome = outcomeOf(run);
  if (outcome === 'running') return 'active';
  if (outcome === 'failed' || outcome === 'refused') return 'bad';
  return outcome === 'with_rejects' || outcome === 'partial' || run.rejected > 0 ? 'warn' : 'good';
}
