import { useState } from 'preact/hooks';
import { Empty } from '../parts/empty.js';
import { SelectFilter } from '../parts/filters.js';
import { Pager } from '../parts/pager.js';
import { REJECT_COLUMNS, rowName } from '../parts/reject-columns.js';
import { RetryBar } from '../parts/retry-bar.js';
import { Loaded, Screen } from '../parts/screen.js';
import { sentence } from '../parts/sentence.js';
import { type Column, Table } from '../parts/table.js';
import { TableFilter } from '../parts/table-filter.js';
import { call } from '../state/api.js';
import { usePolled } from '../state/poll.js';
import { href, type Route } from '../state/route.js';
import { mayWrite } from '../state/session.js';
import type { Reject, RejectsAnswer } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.rejects;
const LIMIT = 30;
const NONE: ReadonlySet<string> = new Set();

/** Rows that could not be stored, or not as a whole, and a second attempt at them. */
export function RejectsScreen({ route }: { readonly route: Route }) {
  const { query } = route;
  const { tableId, reason, state = 'open', cursor } = query;
  const [selected, select] = useState(NONE);
  const isFiltered = [tableId, reason, query.state].some(Boolean);
  const polled = usePolled(JSON.stringify(query), (signal) =>
    call<RejectsAnswer>('sync-rejects', {
      ...{ query: { tableId, reason, state, cursor, limit: LIMIT }, signal },
    }),
  );
  const shown = polled.data.value?.rejects ?? [];
  const open = shown.filter((one) => one.state === 'open').map(({ _id }) => _id);
  const chosen = open.filter((id) => selected.has(id));
  const mayRetry = mayWrite.value && open.length > 0;
  const onSelect = (ids: readonly string[], isSelected: boolean) => {
    const others = [...selected].filter((id) => !ids.includes(id));
    select(new Set(isSelected ? [...others, ...ids] : others));
  };
  return (
    <Screen title={text.title}>
      <p class="quiet">{text.lead}</p>
      <div class="row filters">
        <TableFilter label={texts.list.table} />
        <SelectFilter
          label={text.reason}
          name="reason"
          options={{ '': texts.list.all, ...text.reasons }}
        />
        <SelectFilter label={text.state} name="state" options={text.states} fallback="open" />
        {isFiltered && <a href={href('rejects')}>{texts.list.clear}</a>}
      </div>
      {mayWrite.value && state !== 'resolved' && (
        <RetryBar selected={chosen} filter={{ tableId, reason }} onDone={polled.refresh} />
      )}
      <Loaded polled={polled}>
        {({ rejects, pagination }) => (
          <>
            {mayRetry && (
              <label class="choice">
                <input
                  type="checkbox"
                  checked={chosen.length === open.length}
                  onChange={({ currentTarget }) => onSelect(open, currentTarget.checked)}
                />
                {text.selectAll}
              </label>
            )}
            {rejects.length === 0 ? (
              <Empty title={isFiltered ? text.noneFound : text.empty} />
            ) : (
              <Table
                caption={text.caption}
                columns={
                  mayRetry ? [selection(selected, onSelect), ...REJECT_COLUMNS] : REJECT_COLUMNS
                }
                rows={rejects}
                keyOf={({ _id }) => _id}
              />
            )}
            <Pager route={route} pagination={pagination} unit={texts.units.rejects} />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

function selection(
  selected: ReadonlySet<string>,
  onSelect: (ids: readonly string[], isSelected: boolean) => void,
): Column<Reject> {
  return {
    title: text.columns.select,
    cell: (reject) =>
      reject.state === 'open' && (
        <input
          type="checkbox"
          aria-label={sentence(text.select, { row: rowName(reject) })}
          checked={selected.has(reject._id)}
          onChange={({ currentTarget }) => onSelect([reject._id], currentTarget.checked)}
        />
      ),
  };
}
