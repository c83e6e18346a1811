import { useState } from 'preact/hooks';
import { Fact } from '../parts/fact.js';
import { TextField } from '../parts/field.js';
import { fieldError, SaveFailure } from '../parts/lost-update.js';
import { Loaded, Screen } from '../parts/screen.js';
import { useAction } from '../state/action.js';
import { call, ifMatch } from '../state/api.js';
import { usePolled } from '../state/poll.js';
import { mayWrite } from '../state/session.js';
import type { Settings } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.settings;
type Setting = Settings['settings'][number];

/** The settings of the site: to change for who may, to read for everyone. */
export function SettingsScreen() {
  const polled = usePolled(
    'settings',
    (signal) => call<Settings>('sync-settings', { signal }),
    () => undefined,
  );
  return (
    <Screen title={text.title}>
      <Loaded polled={polled}>
        {(settings) =>
          mayWrite.value ? (
            // Another revision begins with its own values, not with what was typed over others.
            <Form key={settings.revision} settings={settings} onReload={polled.refresh} />
          ) : (
            <dl class="facts">
              {settings.settings.map(({ key, value }) => (
                <Fact key={key} name={text.names[key]}>
                  {value ?? text.notSet}
                </Fact>
              ))}
            </dl>
          )
        }
      </Loaded>
    </Screen>
  );
}

function Form({
  settings: { settings, revision },
  onReload,
}: {
  readonly settings: Settings;
  readonly onReload: () => void;
}) {
  const [values, setValues] = useState(() =>
    Object.fromEntries(settings.map(({ key, value }) => [key, String(value ?? '')])),
  );
  const [isSaved, setSaved] = useState(false);
  const [known, setKnown] = useState(revision);
  const save = useAction(async (headers: Readonly<Record<string, string>>) => {
    setSaved(false);
    const body = { settings: Object.fromEntries(settings.map((one) => [one.key, given(one)])) };
    const answer = await call<Settings>('sync-settings', { method: 'PUT', body, headers });
    setKnown(answer.revision);
    setSaved(true);
  });
  const given = ({ key }: Setting) => {
    const typed = values[key]?.trim() ?? '';
    if (typed === '') return null;
    return isNumber(key) ? Number(typed) : typed;
  };
  const failure = save.failure.value;
  return (
    <form
      class="stack narrow"
      onSubmit={(event) => {
        event.preventDefault();
        save.run(ifMatch(known));
      }}
    >
      {settings.map(({ key }) => (
        <TextField
          key={key}
          label={text.names[key]}
          help={text.help[key]}
          error={fieldError(failure, key)}
          type={isNumber(key) ? 'number' : 'text'}
          value={values[key] ?? ''}
          onValue={(value) => setValues({ ...values, [key]: value })}
        />
      ))}
      {failure && (
        <SaveFailure failure={failure} onReload={onReload} onOverwrite={() => save.run({})} />
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={save.busy.value}>
          {text.save}
        </button>
        <span role="status">{isSaved && text.saved}</span>
      </div>
    </form>
  );
}

function isNumber(key: Setting['key']): boolean {
  return key !== 'alertWebhookUrl';
}
