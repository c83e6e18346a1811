import { number } from '../format/count.js';
import { readableDuration } from '../format/duration.js';
import type { DayOfRuns } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count, Duration } from './count.js';
import { Sentence, sentence } from './sentence.js';
import { type Column, Table } from './table.js';

const text = texts.days;
const { units } = texts;
const DAY_MS = 86_400_000;
const STEP = 20;
const WIDTH = 14;
const ABOVE = 80;
const BELOW = 40;
const LEAST = 2;

/** Rows and durations of each of the latest days, as a drawing with the same as a table behind it. */
export function DayChart({
  days,
  count,
}: {
  /** Those with a run. */
  readonly days: readonly DayOfRuns[];
  readonly count: number;
}) {
  const title = sentence(text.title, { count: number(count) });
  if (days.length === 0) {
    return (
      <section class="stack">
        <h2>{title}</h2>
        <p class="quiet">{text.none}</p>
      </section>
    );
  }
  const most = Math.max(...days.map(({ rows }) => rows));
  const longest = Math.max(...days.map(({ durationMs }) => durationMs));
  return (
    <section class="stack">
      <h2>{title}</h2>
      <svg
        class="bars days"
        role="img"
        aria-label={sentence(text.label, { count: number(count) })}
        viewBox={`0 0 ${count * STEP} ${ABOVE + BELOW + 1}`}
      >
        <line class="axis" x1={0} x2={count * STEP} y1={ABOVE + 0.5} y2={ABOVE + 0.5} />
        {latestDays(count).map((name, index) => {
          const day = days.find((one) => one.day === name);
          return day && <Day key={name} {...{ day, most, longest }} x={index * STEP} />;
        })}
      </svg>
      <p class="quiet small">
        <Sentence
          text={text.most}
          rows={<Count of={most} unit={units.rows} />}
          duration={<Duration seconds={longest / 1000} />}
        />
      </p>
      <details>
        <summary>{text.table}</summary>
        <Table
          caption={title}
          columns={COLUMNS}
          rows={days.toReversed()}
          keyOf={({ day }) => day}
        />
      </details>
    </section>
  );
}

/** The latest days of UTC, today the last. */
function latestDays(count: number): string[] {
  const today = Math.floor(Date.now() / DAY_MS);
  return Array.from({ length: count }, (_, index) =>
    new Date((today - count + 1 + index) * DAY_MS).toISOString().slice(0, 10),
  );
}

function Day({
  day,
  x,
  most,
  longest,
}: {
  readonly day: DayOfRuns;
  readonly x: number;
  readonly most: number;
  readonly longest: number;
}) {
  const up = Math.max(LEAST, Math.sqrt(day.rows / Math.max(1, most)) * (ABOVE - 16));
  const down = Math.max(LEAST, Math.sqrt(day.durationMs / Math.max(1, longest)) * BELOW);
  const top = ABOVE - up;
  return (
    <g class={day.failed > 0 ? 'bad' : ''}>
      <title>{labelOf(day)}</title>
      <rect class="rows" x={x} y={top} width={WIDTH} height={up} />
      <rect class="duration" x={x} y={ABOVE + 1} width={WIDTH} height={down} />
      {day.failed > 0 && (
        <path d={`M${x + 3} ${top - 12}l8 8m0-8l-8 8`} fill="none" stroke-width={2} />
      )}
    </g>
  );
}

function labelOf({ day, runs, failed, rows, durationMs }: DayOfRuns): string {
  return sentence(text.bar, {
    ...{ day, failed: number(failed), duration: readableDuration(durationMs / 1000) },
    runs: `${number(runs)} ${units.runs[runs === 1 ? 0 : 1]}`,
    rows: `${number(rows)} ${units.rows[rows === 1 ? 0 : 1]}`,
  });
}

const COLUMNS: readonly Column<DayOfRuns>[] = [
  { title: text.columns.day, heads: true, cell: ({ day }) => day },
  {
    ...{ title: text.columns.runs, numeric: true },
    cell: ({ runs }) => <Count of={runs} unit={units.runs} />,
  },
  {
    ...{ title: text.columns.failed, numeric: true },
    cell: ({ failed }) => <Count of={failed} unit={units.runs} />,
  },
  {
    ...{ title: text.columns.rows, numeric: true },
    cell: ({ rows }) => <Count of={rows} unit={units.rows} />,
  },
  {
    ...{ title: text.columns.took, numeric: true },
    cell: ({ durationMs }) => <Duration seconds={durationMs / 1000} />,
  },
];
