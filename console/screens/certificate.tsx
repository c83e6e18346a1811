import { shorten } from '../format/shorten.js';
import {
  CertificateFacts,
  CertificateFindings,
  CertificateVerdict,
} from '../parts/certificate-facts.js';
import { Count, Duration } from '../parts/count.js';
import { Empty } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Pager } from '../parts/pager.js';
import { Loaded, Screen } from '../parts/screen.js';
import { Sentence, sentence } from '../parts/sentence.js';
import { type Column, Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { useAction } from '../state/action.js';
import { exportDifferences, loadComparison, saveAsFile } from '../state/comparison.js';
import { nameOf } from '../state/overview.js';
import { usePolled } from '../state/poll.js';
import { href, type Route } from '../state/route.js';
import { mayWrite } from '../state/session.js';
import type { Comparison, Difference } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.certificate;
const LIMIT = 50;

/** What the comparison of a table with the lake has found, and the differences that are open. */
export function CertificateScreen({ route }: { readonly route: Route }) {
  const { id: tableId, query } = route;
  const { cursor, jobId } = query;
  const polled = usePolled(JSON.stringify([tableId, jobId, cursor]), (signal) =>
    loadComparison({ tableId, jobId, cursor, limit: LIMIT }, signal),
  );
  const table = nameOf(tableId);
  const data = polled.data.value;
  return (
    <Screen
      title={sentence(text.title, { table })}
      actions={data && <Actions comparison={data} tableId={tableId} />}
    >
      <Loaded polled={polled}>
        {(comparison) =>
          comparison ? (
            <>
              {jobId && <Earlier tableId={tableId} />}
              <CertificateVerdict certificate={comparison.certificate} table={table} />
              <CertificateFacts certificate={comparison.certificate} />
              <CertificateFindings certificate={comparison.certificate} />
              <Differences comparison={comparison} route={route} />
            </>
          ) : (
            <Empty title={sentence(text.none.title, { table })}>
              {mayWrite.value && (
                <a class="button" href={href('start', tableId)}>
                  {text.none.action}
                </a>
              )}
            </Empty>
          )
        }
      </Loaded>
    </Screen>
  );
}

function Actions({
  comparison,
  tableId,
}: {
  readonly comparison: Comparison;
  readonly tableId: string;
}) {
  const { certificate, heldDeletes } = comparison;
  const download = useAction(async () => {
    const differences = await exportDifferences({ tableId });
    saveAsFile(`certificate-${tableId}-${certificate.jobId}.json`, {
      ...{ certificate, heldDeletes, differences },
    });
  });
  return (
    <div class="row no-print">
      <button type="button" onClick={download.run} aria-disabled={download.busy.value}>
        {text.download}
      </button>
      <button type="button" onClick={() => print()}>
        {text.print}
      </button>
      {mayWrite.value && (
        <a class="button" href={href('start', tableId)}>
          {text.compare}
        </a>
      )}
      {download.failure.value && <ErrorNote failure={download.failure.value} />}
    </div>
  );
}

function Earlier({ tableId }: { readonly tableId: string }) {
  return (
    <p class="note">
      <span>
        {text.latest} <a href={href('certificate', tableId)}>{text.toLatest}</a>
      </span>
    </p>
  );
}

function Differences({
  comparison: { differences, heldDeletes, pagination },
  route,
}: {
  readonly comparison: Comparison;
  readonly route: Route;
}) {
  return (
    <section class="stack">
      <h2>{text.differences}</h2>
      {heldDeletes && (
        <p class="no-print">
          <a href={href('deletes', route.id)}>
            <Sentence
              text={text.toDeletes}
              count={<Count of={heldDeletes.deletes} unit={texts.units.deletes} />}
            />
          </a>
        </p>
      )}
      {differences.length === 0 ? (
        <p>{text.noDifference}</p>
      ) : (
        <>
          <Table
            caption={text.caption}
            columns={COLUMNS}
            rows={differences}
            keyOf={({ _id }) => _id}
          />
          <Pager
            route={route}
            pagination={pagination}
            unit={texts.units.differences}
            first={texts.list.first}
            next={texts.list.next}
          />
        </>
      )}
    </section>
  );
}

const COLUMNS: readonly Column<Difference>[] = [
  {
    title: text.columns.key,
    heads: true,
    cell: ({ key }) => <span class="data">{shorten(key, 200)}</span>,
  },
  {
    title: text.columns.kind,
    cell: ({ kind, heldIn }) => (
      <>
        {texts.run.kinds[kind]}
        {heldIn && <span class="cause quiet">{text.heldIn}</span>}
      </>
    ),
  },
  {
    title: text.columns.age,
    cell: ({ firstSeenAt }) => (
      <Duration seconds={Math.max(0, Math.round((Date.now() - Date.parse(firstSeenAt)) / 1000))} />
    ),
  },
  { title: text.columns.lake, cell: ({ lakeModifiedAt }) => <Time at={lakeModifiedAt} /> },
  { title: text.columns.stored, cell: ({ storedModifiedAt }) => <Time at={storedModifiedAt} /> },
];
