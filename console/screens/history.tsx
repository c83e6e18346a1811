import { shorten } from '../format/shorten.js';
import { Count, Duration } from '../parts/count.js';
import { DayChart } from '../parts/day-chart.js';
import { Empty } from '../parts/empty.js';
import { EntryOutcome } from '../parts/entry-outcome.js';
import { DayFilter, SelectFilter, startOfDay } from '../parts/filters.js';
import { Pager } from '../parts/pager.js';
import { Loaded, Screen } from '../parts/screen.js';
import { type Column, Table } from '../parts/table.js';
import { TableFilter } from '../parts/table-filter.js';
import { Nothing, Time } from '../parts/time.js';
import { call } from '../state/api.js';
import { IDLE_MS, usePolled } from '../state/poll.js';
import { href, type Route } from '../state/route.js';
import { runHref } from '../state/run.js';
import type { HistoryAnswer, HistoryEntry } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.history;
const LIMIT = 30;
const DAYS = 30;

/** Every run of the past, and how much each of the latest days had to read. */
export function HistoryScreen({ route }: { readonly route: Route }) {
  const { query } = route;
  const { tableId, status, from, until, cursor } = query;
  const isFiltered = [tableId, status, from, until].some(Boolean);
  const polled = usePolled(
    JSON.stringify(query),
    (signal) =>
      call<HistoryAnswer>('sync-history', {
        query: {
          ...{ tableId, status, cursor, limit: LIMIT },
          ...{ from: startOfDay(from), to: startOfDay(until, 1) },
          // The days are the same whatever page is shown.
          days: cursor ? undefined : DAYS,
        },
        signal,
      }),
    () => (cursor ? undefined : IDLE_MS),
  );
  return (
    <Screen title={text.title}>
      <div class="row filters">
        <TableFilter label={texts.list.table} />
        <SelectFilter
          label={text.status}
          name="status"
          options={{ '': texts.list.all, ...text.statuses }}
        />
        <DayFilter label={texts.list.from} name="from" />
        <DayFilter label={texts.list.until} name="until" />
        {isFiltered && <a href={href('history')}>{texts.list.clear}</a>}
      </div>
      <Loaded polled={polled}>
        {({ history, days, pagination }) => (
          <>
            {history.length === 0 ? (
              <Empty title={isFiltered ? text.noneFound : text.empty} />
            ) : (
              <>
                {days && <DayChart days={days} count={DAYS} />}
                <Table
                  caption={text.caption}
                  columns={COLUMNS}
                  rows={history}
                  keyOf={({ _id }) => _id}
                />
              </>
            )}
            <Pager route={route} pagination={pagination} unit={texts.units.runs} />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

const COLUMNS: readonly Column<HistoryEntry>[] = [
  {
    title: text.columns.started,
    heads: true,
    cell: ({ _id, syncJobId, startTime }) => (
      <a href={runHref(_id, syncJobId)}>
        <Time at={startTime} />
      </a>
    ),
  },
  {
    title: text.columns.table,
    cell: ({ tableName }) => <span class="data">{shorten(tableName)}</span>,
  },
  {
    title: text.columns.mode,
    cell: ({ mode, options }) => modeOf(mode, options),
  },
  { title: text.columns.outcome, cell: (entry) => <EntryOutcome entry={entry} /> },
  {
    ...{ title: text.columns.rows, numeric: true },
    cell: ({ recordsProcessed }) => <Count of={recordsProcessed} unit={texts.units.rows} />,
  },
  {
    ...{ title: text.columns.took, numeric: true },
    cell: ({ durationMs }) => (
      <Duration seconds={typeof durationMs === 'number' ? durationMs / 1000 : null} />
    ),
  },
];

/** What was asked for: a run that also compares has the mode of its reading in its entry. */
function modeOf(mode: HistoryEntry['mode'], options: unknown) {
  const asked = typeof options === 'object' && options !== null && 'mode' in options;
  if (asked && options.mode === 'reconcile') return texts.modes.reconcile;
  return mode ? texts.modes[mode] : <Nothing label={texts.unknown} />;
}
