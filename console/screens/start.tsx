import { useState } from 'preact/hooks';
import { shorten } from '../format/shorten.js';
import { Confirm } from '../parts/confirm.js';
import { Empty } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Choices } from '../parts/field.js';
import { Loaded, Screen } from '../parts/screen.js';
import { sentence } from '../parts/sentence.js';
import { StartEffect } from '../parts/start-effect.js';
import { StartOptions } from '../parts/start-options.js';
import { useAction } from '../state/action.js';
import { call, newKey } from '../state/api.js';
import type { Failure } from '../state/failure.js';
import { nameOf } from '../state/overview.js';
import { usePolled } from '../state/poll.js';
import type { Route } from '../state/route.js';
import { runHref } from '../state/run.js';
import { mayWrite } from '../state/session.js';
import type { Configuration } from '../state/shapes.js';
import { EMPTY_FORM, needsConfirmation, startRequest } from '../state/start-request.js';
import { texts } from '../texts.js';

const text = texts.start;

/** Before a run is started: what it is to do, and what that will change. */
export function StartScreen({ route: { id: tableId } }: { readonly route: Route }) {
  const polled = usePolled(
    tableId,
    (signal) => call<Configuration>('sync-config', { query: { tableId }, signal }),
    () => undefined,
  );
  const title = sentence(text.title, { table: nameOf(tableId) });
  if (!mayWrite.value) {
    return (
      <Screen title={title}>
        <Empty title={text.forbidden} />
      </Screen>
    );
  }
  return (
    <Screen title={title}>
      <Loaded polled={polled}>{(config) => <StartFormOf config={config} />}</Loaded>
    </Screen>
  );
}

function StartFormOf({ config }: { readonly config: Configuration }) {
  const [form, setForm] = useState(EMPTY_FORM);
  const [isAsking, ask] = useState(false);
  const table = shorten(config.tableName);
  const start = useAction(async () => {
    const body = startRequest(form, config);
    const run = await call<{ jobId: string; historyId: string }>('sync-table', {
      ...{ body, headers: newKey() },
    });
    location.hash = runHref(run.historyId, run.jobId);
  });
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (needsConfirmation(form, config)) ask(true);
    else start.run();
  }
  return (
    <form class="stack narrow" onSubmit={submit}>
      <Choices
        label={text.mode}
        options={text.modes}
        value={form.mode}
        onValue={(mode) => setForm({ ...form, mode })}
      />
      <StartOptions form={form} onChange={(change) => setForm({ ...form, ...change })} />
      <section class="note" aria-live="polite">
        <h2>{text.willDo}</h2>
        <StartEffect form={form} config={config} />
      </section>
      {start.failure.value && <StartFailure failure={start.failure.value} />}
      <div>
        <button type="submit" class="primary" disabled={start.busy.value}>
          {text.action}
        </button>
      </div>
      {isAsking && (
        <Confirm
          title={sentence(text.confirmTitle, { mode: text.modes[form.mode], table })}
          action={sentence(text.confirmAction, { table })}
          onConfirm={start.run}
          onClose={() => ask(false)}
        >
          <StartEffect form={form} config={config} />
        </Confirm>
      )}
    </form>
  );
}

/** One run of a table at a time: where there is one, it can be watched instead. */
function StartFailure({ failure }: { readonly failure: Failure }) {
  const { code, body, details } = failure;
  const facts: Readonly<Record<string, unknown>> = { ...details[0], ...body };
  const { jobId, historyId } = facts;
  return (
    <>
      <ErrorNote failure={failure} />
      {code === 'SYNC_RUNNING' && typeof jobId === 'string' && (
        <p>
          <a href={runHref(typeof historyId === 'string' ? historyId : null, jobId)}>
            {text.toActive}
          </a>
        </p>
      )}
    </>
  );
}
