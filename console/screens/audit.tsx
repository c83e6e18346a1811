import { number } from '../format/count.js';
import { shorten } from '../format/shorten.js';
import { Data } from '../parts/data.js';
import { Empty } from '../parts/empty.js';
import { Loaded, Screen } from '../parts/screen.js';
import { type Column, Table } from '../parts/table.js';
import { TableFilter } from '../parts/table-filter.js';
import { Nothing, Time } from '../parts/time.js';
import { call } from '../state/api.js';
import { nameOf } from '../state/overview.js';
import { usePolled } from '../state/poll.js';
import { href, type Route } from '../state/route.js';
import { mayWrite } from '../state/session.js';
import type { Change, Pagination } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.audit;
const LIMIT = 30;

/** Who has changed what. */
export function AuditScreen({ route }: { readonly route: Route }) {
  if (!mayWrite.value) {
    return (
      <Screen title={text.title}>
        <Empty title={text.forbidden} />
      </Screen>
    );
  }
  return <Changes route={route} />;
}

function Changes({ route: { query } }: { readonly route: Route }) {
  const { tableId, cursor } = query;
  const polled = usePolled(
    `${tableId} ${cursor}`,
    (signal) =>
      call<{ changes: Change[]; pagination: Pagination }>('sync-audit', {
        ...{ query: { tableId, cursor, limit: LIMIT }, signal },
      }),
    () => undefined,
  );
  return (
    <Screen title={text.title} actions={<TableFilter label={text.table} />}>
      <Loaded polled={polled}>
        {({ changes, pagination: { nextCursor } }) => (
          <>
            {changes.length === 0 ? (
              <Empty title={tableId ? text.noneFound : text.empty} />
            ) : (
              <Table
                caption={text.caption}
                columns={COLUMNS}
                rows={changes}
                keyOf={({ _id }) => _id}
              />
            )}
            <p class="row">
              {cursor && <a href={href('audit', '', { tableId })}>{text.newest}</a>}
              {nextCursor && (
                <a href={href('audit', '', { tableId, cursor: nextCursor })}>{text.older}</a>
              )}
            </p>
          </>
        )}
      </Loaded>
    </Screen>
  );
}

const COLUMNS: readonly Column<Change>[] = [
  { title: text.columns.at, heads: true, cell: ({ at }) => <Time at={at} /> },
  {
    title: text.columns.caller,
    cell: ({ caller, address }) => (
      <>
        <span class="data">{caller}</span>
        {address && <span class="data cause quiet">{address}</span>}
      </>
    ),
  },
  { title: text.columns.action, cell: ({ action }) => <code class="data">{action}</code> },
  {
    title: text.columns.target,
    cell: ({ tableId, target }) => (
      <span class="data">{tableId === undefined ? target : nameOf(tableId)}</span>
    ),
  },
  { title: text.columns.change, cell: (change) => <Fields change={change} /> },
];

/** More fields than these are shown on request: a new configuration has a dozen. */
const MOST_FIELDS = 4;

/** Each field that differs, before and after; values as JSON, which shows a text as what it is. */
function Fields({ change }: { readonly change: Change }) {
  const { before = {}, after = {} } = change;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  if (names.length === 0) return <Nothing label={texts.none} />;
  const list = (
    <ul class="small">
      {names.map((name) => (
        <li class="data" key={name}>
          {name}: {isThere(before[name]) && `${shorten(shown(before[name]))} → `}
          <Data text={shown(after[name])} most={200} />
        </li>
      ))}
    </ul>
  );
  if (names.length <= MOST_FIELDS) return list;
  return (
    <details>
      <summary class="small">
        {number(names.length)} {texts.units.fields[1]}
      </summary>
      {list}
    </details>
  );
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function shown(value: unknown): string {
  return isThere(value) ? JSON.stringify(value) : text.nothing;
}
