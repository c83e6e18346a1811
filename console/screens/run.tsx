import { useState } from 'preact/hooks';
import { Confirm } from '../parts/confirm.js';
import { CopyDiagnostics } from '../parts/copy-diagnostics.js';
import { Data } from '../parts/data.js';
import { ErrorNote } from '../parts/error-note.js';
import { RunComparison } from '../parts/run-comparison.js';
import { RunCounts } from '../parts/run-counts.js';
import { RunFacts } from '../parts/run-facts.js';
import { RunOutcome } from '../parts/run-outcome.js';
import { RunProgress } from '../parts/run-progress.js';
import { RunProof } from '../parts/run-proof.js';
import { Loaded, Screen } from '../parts/screen.js';
import { sentence } from '../parts/sentence.js';
import { useAction } from '../state/action.js';
import { call, newKey } from '../state/api.js';
import { nameOf } from '../state/overview.js';
import { usePolled } from '../state/poll.js';
import type { Route } from '../state/route.js';
import { loadRun, pauseOf, type Run } from '../state/run.js';
import { mayWrite } from '../state/session.js';
import { texts } from '../texts.js';

const text = texts.run;

/** One run: watched from its start to its end, and what it was afterwards. */
export function RunScreen({ route }: { readonly route: Route }) {
  const key = `run ${route.id} ${route.query.jobId ?? ''}`;
  const polled = usePolled(key, (signal) => loadRun(route, signal), pauseOf);
  const run = polled.data.value;
  const table = run ? nameOf(run.progress.tableId) : '';
  const cancel = run && !run.progress.ended && mayWrite.value && (
    <Cancel run={run} table={table} onDone={polled.refresh} />
  );
  return (
    <Screen title={sentence(text.title, { table })} actions={cancel}>
      <Loaded polled={polled}>
        {(data) => (
          <>
            <RunOutcome run={data} />
            {!data.progress.ended && <RunProgress run={data} />}
            <RunCounts progress={data.progress} />
            {data.job?.reconcile && (
              <RunComparison reconcile={data.job.reconcile} tableId={data.progress.tableId} />
            )}
            <RunProof run={data} />
            <Warnings list={data.progress.warnings} />
            <RunFacts run={data} />
            <CopyDiagnostics run={data} />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

function Warnings({ list }: { readonly list: readonly string[] }) {
  if (list.length === 0) return null;
  return (
    <section class="stack">
      <h2>{text.warnings}</h2>
      <ul class="note warn">
        {list.map((warning) => (
          <li key={warning}>
            <Data text={warning} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Cancel({
  run,
  table,
  onDone,
}: {
  readonly run: Run;
  readonly table: string;
  readonly onDone: () => void;
}) {
  const [isAsking, ask] = useState(false);
  const { jobId } = run.progress;
  const cancel = useAction(async () => {
    await call('sync-control', { body: { action: 'cancel', jobId }, headers: newKey() });
    onDone();
  });
  return (
    <>
      {cancel.failure.value && <ErrorNote failure={cancel.failure.value} />}
      <button type="button" onClick={() => ask(true)} disabled={cancel.busy.value}>
        {text.cancel}
      </button>
      {isAsking && (
        <Confirm
          title={sentence(text.cancelTitle, { table })}
          action={sentence(text.cancelAction, { table })}
          danger
          onConfirm={cancel.run}
          onClose={() => ask(false)}
        >
          <p>{text.cancelLead}</p>
        </Confirm>
      )}
    </>
  );
}
