import { useState } from 'preact/hooks';
import { number } from '../format/count.js';
import { shorten } from '../format/shorten.js';
import { Count } from '../parts/count.js';
import { DeletesDecision } from '../parts/deletes-decision.js';
import { Empty } from '../parts/empty.js';
import { Fact } from '../parts/fact.js';
import { Pager } from '../parts/pager.js';
import { Loaded, Screen } from '../parts/screen.js';
import { Sentence, sentence } from '../parts/sentence.js';
import { type Column, Table } from '../parts/table.js';
import { Nothing, Time } from '../parts/time.js';
import { loadComparison } from '../state/comparison.js';
import { nameOf } from '../state/overview.js';
import { usePolled } from '../state/poll.js';
import { href, type Route } from '../state/route.js';
import { runHref } from '../state/run.js';
import { mayWrite } from '../state/session.js';
import type { Difference, HeldDeletes } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.deletes;
const { units } = texts;
const LIMIT = 100;

/** Deletes that wait for a decision: why, which ones exactly, and the decision. */
export function DeletesScreen({ route }: { readonly route: Route }) {
  const { id: tableId, query } = route;
  const { cursor } = query;
  const [isDiscarded, setDiscarded] = useState(false);
  const polled = usePolled(JSON.stringify([tableId, cursor]), (signal) =>
    loadComparison({ tableId, held: true, cursor, limit: LIMIT }, signal),
  );
  const table = nameOf(tableId);
  return (
    <Screen
      title={sentence(text.title, { table })}
      actions={<span role="status">{isDiscarded && text.discarded}</span>}
    >
      <Loaded polled={polled}>
        {(comparison) =>
          comparison?.heldDeletes ? (
            <>
              <Why list={comparison.heldDeletes} table={table} />
              {mayWrite.value && (
                <DeletesDecision
                  list={comparison.heldDeletes}
                  {...{ tableId, table }}
                  onDiscarded={() => {
                    setDiscarded(true);
                    polled.refresh();
                  }}
                />
              )}
              <section class="stack">
                <h2>{text.list}</h2>
                <Table
                  caption={text.caption}
                  columns={COLUMNS}
                  rows={comparison.differences}
                  keyOf={({ _id }) => _id}
                />
                <Pager
                  route={route}
                  pagination={comparison.pagination}
                  unit={units.documents}
                  first={texts.list.first}
                  next={texts.list.next}
                />
              </section>
            </>
          ) : (
            <Empty title={sentence(text.none, { table })}>
              <a href={href('certificate', tableId)}>{text.toCertificate}</a>
            </Empty>
          )
        }
      </Loaded>
    </Screen>
  );
}

function Why({ list, table }: { readonly list: HeldDeletes; readonly table: string }) {
  const { deletes, documents, confirmableUntil, reasons, hash, createdAt, jobId } = list;
  return (
    <>
      <p class="summary">
        <Sentence
          text={text.lead}
          deletes={number(deletes)}
          documents={<Count of={documents} unit={units.documents} />}
          table={<strong class="data">{table}</strong>}
          until={<Time at={confirmableUntil} />}
        />
      </p>
      <section class="stack">
        <h2>{text.why}</h2>
        <ul>
          {reasons.map((reason) => (
            <li class="data" key={reason}>
              {reasonText(reason)}
            </li>
          ))}
        </ul>
        <dl class="facts">
          <Fact name={text.made}>
            <Time at={createdAt} />
          </Fact>
          <Fact name={text.run}>
            <a href={runHref(null, jobId)}>{text.toRun}</a>
          </Fact>
          <Fact name={text.hash}>
            <code title={hash}>{hash.slice(0, 12)}…</code>
          </Fact>
        </dl>
      </section>
    </>
  );
}

/** @param reason one of the API's, e.g. `half_of_warehouse:wmwhse1` */
function reasonText(reason: string): string {
  const known: Readonly<Record<string, string>> = text.reasons;
  const [name = '', ...warehouse] = reason.split(':');
  const said = known[name];
  return said ? sentence(said, { warehouse: shorten(warehouse.join(':')) }) : reason;
}

const COLUMNS: readonly Column<Difference>[] = [
  {
    title: text.columns.key,
    heads: true,
    cell: ({ key }) => <span class="data">{shorten(key, 200)}</span>,
  },
  {
    title: text.columns.serial,
    cell: ({ serialKey }) =>
      serialKey === undefined ? (
        <Nothing label={texts.unknown} />
      ) : (
        <span class="data">{shorten(serialKey)}</span>
      ),
  },
  { title: text.columns.absent, cell: ({ absentSince }) => <Time at={absentSince} /> },
  { title: text.columns.stored, cell: ({ storedModifiedAt }) => <Time at={storedModifiedAt} /> },
];
