import { useState } from 'preact/hooks';
import { ConfigFields } from '../parts/config-fields.js';
import { Confirm } from '../parts/confirm.js';
import { Data } from '../parts/data.js';
import { Fact } from '../parts/fact.js';
import { SaveFailure } from '../parts/lost-update.js';
import { ScheduleSwitch } from '../parts/schedule-switch.js';
import { Loaded, Screen } from '../parts/screen.js';
import { Sentence, sentence } from '../parts/sentence.js';
import { Time } from '../parts/time.js';
import { useAction } from '../state/action.js';
import { call, ifMatch } from '../state/api.js';
import { changesOf, formOf } from '../state/config-form.js';
import { nameOf } from '../state/overview.js';
import { usePolled } from '../state/poll.js';
import { href, type Route } from '../state/route.js';
import { mayWrite } from '../state/session.js';
import type { Configuration } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.config;

/** The configuration of one table: to change for who may, to read for everyone. */
export function ConfigScreen({ route: { id: tableId } }: { readonly route: Route }) {
  const load = (signal?: AbortSignal) =>
    call<Configuration>('sync-config', { query: { tableId }, ...(signal && { signal }) });
  // Once: what is typed must not change under the fingers.
  const polled = usePolled(tableId, load, () => undefined);
  const table = nameOf(tableId);
  const sync = mayWrite.value && (
    <a class="button" href={href('start', tableId)}>
      {text.sync}
    </a>
  );
  return (
    <Screen title={sentence(text.title, { table })} actions={sync}>
      <Loaded polled={polled}>
        {(config) => <Edited first={config} table={table} load={load} />}
      </Loaded>
    </Screen>
  );
}

function Edited({
  first,
  table,
  load,
}: {
  readonly first: Configuration;
  readonly table: string;
  readonly load: () => Promise<Configuration>;
}) {
  /** What the form was made from, and what is stored by now as far as it is known. */
  const [base, setBase] = useState(first);
  const [stored, setStored] = useState(first);
  const [form, setForm] = useState(() => formOf(first));
  const show = (config: Configuration) => {
    setBase(config);
    setStored(config);
    setForm(formOf(config));
  };
  /** The page's own pause raises the revision by one; with any other change a save is refused. */
  async function reloadState(): Promise<void> {
    const latest = await load();
    setStored(latest);
    if (latest.revision === base.revision + 1) setBase({ ...base, revision: latest.revision });
  }
  return (
    <>
      <div class="stack">
        <ScheduleSwitch config={stored} onDone={reloadState} />
        <p class="quiet small">
          <Sentence
            text={text.revision}
            revision={String(stored.revision)}
            at={<Time at={stored.updatedAt} />}
          />
        </p>
      </div>
      {mayWrite.value ? (
        <Form {...{ base, table, form, setForm, show, load }} />
      ) : (
        <Readable config={stored} />
      )}
    </>
  );
}

function Form({
  base,
  table,
  form,
  setForm,
  show,
  load,
}: {
  readonly base: Configuration;
  readonly table: string;
  readonly form: ReturnType<typeof formOf>;
  readonly setForm: (form: ReturnType<typeof formOf>) => void;
  readonly show: (config: Configuration) => void;
  readonly load: () => Promise<Configuration>;
}) {
  const [said, say] = useState('');
  const [isAsking, ask] = useState(false);
  const changes = changesOf(form, base);
  const save = useAction(async (headers: Readonly<Record<string, string>>) => {
    const body = { tableId: base.tableId, ...changes };
    show(await call<Configuration>('sync-config', { method: 'PUT', body, headers }));
    say(text.saved);
  });
  const reload = useAction(async () => {
    show(await load());
    save.forget();
  });
  const isHard = form.deleteMode === 'hard' && base.options.deleteMode !== 'hard';
  const failure = save.failure.value ?? reload.failure.value;
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    say('');
    if (Object.keys(changes).length === 0) say(text.unchanged);
    else if (isHard) ask(true);
    else save.run(ifMatch(base.revision));
  }
  return (
    <form class="stack narrow config" onSubmit={submit}>
      <ConfigFields
        form={form}
        failure={failure}
        onChange={(change) => {
          say('');
          setForm({ ...form, ...change });
        }}
      />
      {failure && (
        <SaveFailure failure={failure} onReload={reload.run} onOverwrite={() => save.run({})} />
      )}
      <div class="row">
        <button type="submit" class="primary" aria-disabled={save.busy.value}>
          {text.save}
        </button>
        <span role="status">{said}</span>
      </div>
      {isAsking && (
        <Confirm
          title={sentence(text.hardTitle, { table })}
          action={sentence(text.hardAction, { table })}
          danger
          onConfirm={() => save.run(ifMatch(base.revision))}
          onClose={() => ask(false)}
        >
          <p>{sentence(text.hardLead, { table })}</p>
        </Confirm>
      )}
    </form>
  );
}

function Readable({ config }: { readonly config: Configuration }) {
  const form = formOf(config);
  const names = Object.keys(text.labels) as (keyof typeof text.labels)[];
  return (
    <dl class="facts">
      {names.map((name) => (
        <Fact key={name} name={text.labels[name]}>
          {shown(name, form[name])}
        </Fact>
      ))}
    </dl>
  );
}

const WITHOUT: Readonly<Record<string, string>> = text.withoutValue;

function shown(name: string, value: string | boolean) {
  if (value === 'soft' || value === 'hard') return text.deleteModes[value];
  if (typeof value === 'boolean') return value ? text.yes : text.no;
  return value === '' ? (WITHOUT[name] ?? texts.none) : <Data text={value} />;
}
