import { readableDuration } from '../format/duration.js';
import { shorten } from '../format/shorten.js';
import { Empty } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Loaded, Screen } from '../parts/screen.js';
import { sentence } from '../parts/sentence.js';
import { type Column, Table } from '../parts/table.js';
import { useAction } from '../state/action.js';
import { call } from '../state/api.js';
import { overview } from '../state/overview.js';
import { usePolled } from '../state/poll.js';
import { href } from '../state/route.js';
import { mayWrite } from '../state/session.js';
import type { Configuration } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.configurations;

/** The configurations of all tables, and what creates those that are missing. */
export function ConfigurationsScreen() {
  const polled = usePolled('configurations', (signal) =>
    call<Configuration[]>('sync-config', { signal }),
  );
  return (
    <Screen title={text.title}>
      <Loaded polled={polled}>
        {(configs) => (
          <>
            <Missing configs={configs} onDone={polled.refresh} />
            {configs.length === 0 ? (
              <Empty title={text.empty} />
            ) : (
              <Table
                caption={text.caption}
                columns={COLUMNS}
                rows={configs}
                keyOf={({ tableId }) => tableId}
              />
            )}
          </>
        )}
      </Loaded>
    </Screen>
  );
}

function Missing({
  configs,
  onDone,
}: {
  readonly configs: readonly Configuration[];
  readonly onDone: () => void;
}) {
  const create = useAction(async () => {
    await call('init-sync-config', { body: {} });
    onDone();
  });
  const isThere = new Set(configs.map(({ tableId }) => tableId));
  const missing = (overview.value?.data.tables ?? []).filter(
    ({ tableId, known }) => known && !isThere.has(tableId),
  );
  if (missing.length === 0) return null;
  const tables = missing.map(({ tableName }) => shorten(tableName)).join(', ');
  return (
    <div class="note warn">
      <p class="data">{sentence(text.missing, { tables })}</p>
      {mayWrite.value && (
        <div>
          <button type="button" onClick={create.run} aria-disabled={create.busy.value}>
            {text.create}
          </button>
        </div>
      )}
      {create.failure.value && <ErrorNote failure={create.failure.value} />}
    </div>
  );
}

const COLUMNS: readonly Column<Configuration>[] = [
  {
    title: text.columns.table,
    heads: true,
    cell: ({ tableId, tableName }) => (
      <a class="data" href={href('config', tableId)}>
        {shorten(tableName)}
      </a>
    ),
  },
  {
    title: text.columns.state,
    cell: ({ enabled, pausedReason }) => (
      <>
        {pausedReason !== undefined ? text.paused : enabled ? text.on : text.off}
        {pausedReason !== undefined && (
          <span class="cause quiet data">{shorten(pausedReason, 200)}</span>
        )}
      </>
    ),
  },
  {
    title: text.columns.every,
    cell: ({ syncFrequency }) => readableDuration(syncFrequency * 60),
  },
  {
    title: text.columns.reconciled,
    cell: ({ reconcileFrequency }) =>
      reconcileFrequency > 0 ? readableDuration(reconcileFrequency * 60) : text.notCompared,
  },
  {
    title: text.columns.deletes,
    cell: ({ options }) => texts.config.deleteModes[options.deleteMode ?? 'soft'],
  },
  {
    title: text.columns.warehouses,
    cell: ({ options: { whseid } }) => (
      <span class="data">
        {whseid === undefined ? text.all : shorten([whseid].flat().join(', '), 200)}
      </span>
    ),
  },
];
