import { shorten } from '../format/shorten.js';
import { Count } from '../parts/count.js';
import { Empty } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { RecentRuns } from '../parts/recent-runs.js';
import { RunningNote } from '../parts/running-note.js';
import { Loaded, Screen } from '../parts/screen.js';
import { Sentence, sentence } from '../parts/sentence.js';
import { SummarySentence } from '../parts/summary-sentence.js';
import { type Column, Table } from '../parts/table.js';
import { Nothing, Time } from '../parts/time.js';
import { Verdict } from '../parts/verdict.js';
import { useAction } from '../state/action.js';
import { call } from '../state/api.js';
import { loadOverview, overview } from '../state/overview.js';
import { IDLE_MS, usePolled } from '../state/poll.js';
import { href } from '../state/route.js';
import { mayWrite } from '../state/session.js';
import type { Overview, TableOverview } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.overview;
const RUNNING_MS = 10_000;

/** All tables: whether each can be trusted, what is open, and how its last runs went. */
export function OverviewScreen() {
  const polled = usePolled('overview', loadOverview, pauseMs, overview.peek());
  const data = polled.data.value;
  const asOf = data && (
    <span class="quiet small">
      <Sentence text={text.asOf} at={<Time at={data.now} />} />
    </span>
  );
  const refresh = (
    <button type="button" onClick={polled.refresh} aria-disabled={polled.busy.value}>
      {texts.refresh}
    </button>
  );
  return (
    <Screen title={text.title} actions={[asOf, refresh]}>
      <Loaded polled={polled}>
        {(answer) =>
          isEmpty(answer) ? (
            <NotConfigured onDone={polled.refresh} />
          ) : (
            <>
              <SummarySentence of={answer} />
              <Tables of={answer} />
              <p class="quiet small legend">{text.legend}</p>
            </>
          )
        }
      </Loaded>
    </Screen>
  );
}

function pauseMs({ summary }: Overview): number {
  return summary.running > 0 ? RUNNING_MS : IDLE_MS;
}

function isEmpty({ tables }: Overview): boolean {
  return tables.every(({ verdict }) => verdict.kind === 'not_configured');
}

function NotConfigured({ onDone }: { readonly onDone: () => void }) {
  const create = useAction(async () => {
    await call('init-sync-config', { body: {} });
    onDone();
  });
  if (!mayWrite.value) return <Empty title={text.empty.title}>{text.empty.read}</Empty>;
  return (
    <Empty title={text.empty.title}>
      <p>{text.empty.lead}</p>
      {create.failure.value && <ErrorNote failure={create.failure.value} />}
      <div>
        <button type="button" class="primary" onClick={create.run} disabled={create.busy.value}>
          {text.empty.action}
        </button>
      </div>
    </Empty>
  );
}

const COLUMNS: readonly Column<TableOverview>[] = [
  {
    title: text.columns.table,
    heads: true,
    cell: ({ tableName, known }) => (
      <>
        <span class="data">{shorten(tableName)}</span>
        {!known && <span class="quiet small data cause">{text.unknownTable}</span>}
      </>
    ),
  },
  {
    title: text.columns.verdict,
    cell: ({ verdict, running }) => (
      <>
        <Verdict verdict={verdict} />
        {running && <RunningNote running={running} />}
      </>
    ),
  },
  {
    title: text.columns.watermark,
    short: true,
    cell: ({ freshness }) => <Time at={freshness.watermark} />,
  },
  {
    title: text.columns.sourceNewest,
    short: true,
    cell: ({ freshness }) => <Time at={freshness.sourceNewest} />,
  },
  { title: text.columns.open, cell: (table) => <Open {...table} /> },
  { title: text.columns.next, short: true, cell: ({ nextRunAt }) => <Next at={nextRunAt} /> },
  {
    title: text.columns.runs,
    short: true,
    cell: ({ tableName, runs }) => <RecentRuns name={tableName} runs={runs} />,
  },
];

const ACTION: Column<TableOverview> = {
  title: text.columns.action,
  cell: ({ tableId, tableName, known, running }) =>
    known &&
    !running && (
      <a
        class="button"
        href={href('start', tableId)}
        aria-label={sentence(text.syncTable, { table: shorten(tableName) })}
      >
        {text.sync}
      </a>
    ),
};

function Tables({ of: { tables } }: { readonly of: Overview }) {
  const columns = mayWrite.value ? [...COLUMNS, ACTION] : COLUMNS;
  return (
    <Table
      caption={text.caption}
      columns={columns}
      rows={tables}
      keyOf={({ tableId }) => tableId}
    />
  );
}

/** What waits for somebody, each leading to where it is decided. */
function Open({ tableId, openRejects, openDifferences, heldDeletes }: TableOverview) {
  if (openRejects === 0 && openDifferences === 0 && !heldDeletes) {
    return <Nothing label={text.nothingOpen} />;
  }
  const { rejects, differences, deletes } = texts.units;
  return (
    <span class="lines">
      {heldDeletes && (
        <a href={href('deletes', tableId)}>
          <Count of={heldDeletes.deletes} unit={deletes} />
        </a>
      )}
      {openDifferences > 0 && (
        <a href={href('certificate', tableId)}>
          <Count of={openDifferences} unit={differences} />
        </a>
      )}
      {openRejects > 0 && (
        <a href={href('rejects', '', { tableId })}>
          <Count of={openRejects} unit={rejects} />
        </a>
      )}
    </span>
  );
}

function Next({ at }: { readonly at: string | null }) {
  if (!at) return <Nothing label={text.notScheduled} />;
  return Date.parse(at) <= Date.now() ? text.due : <Time at={at} />;
}
