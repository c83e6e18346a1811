import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Named {
  readonly label: string;
  readonly help?: string;
  /** What the API says of the value. */
  readonly error?: string | undefined;
}

/** One line of text, with its label above and what helps below. */
export function TextField({
  label,
  help,
  error,
  value,
  onValue,
  type = 'text',
  required = false,
}: Named & {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly type?: 'text' | 'date' | 'number' | 'url';
  readonly required?: boolean;
}) {
  const id = useId();
  const note = error ?? help;
  // Preact types each kind of field apart, and so none of several.
  const kind: object = { type };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...kind}
        {...{ id, value, required }}
        aria-invalid={error !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      {note !== undefined && (
        <span id={`${id}-note`} class={`small ${error === undefined ? 'quiet' : 'error'}`}>
          {note}
        </span>
      )}
    </div>
  );
}

export function Checkbox({
  label,
  help,
  checked,
  onChecked,
}: Named & { readonly checked: boolean; readonly onChecked: (checked: boolean) => void }) {
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => onChecked(currentTarget.checked)}
      />
      <span>
        {label}
        {help !== undefined && <span class="small quiet cause">{help}</span>}
      </span>
    </label>
  );
}

/** One of several. */
export function Choices<Value extends string>({
  label,
  options,
  value,
  onValue,
}: Named & {
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onValue: (value: Value) => void;
}) {
  const name = useId();
  // `options` has no other keys than its type says: each is written out among the texts.
  const values = Object.keys(options) as Value[];
  return (
    <Group label={label}>
      {values.map((one) => (
        <label class="choice" key={one}>
          <input type="radio" name={name} checked={one === value} onChange={() => onValue(one)} />
          {options[one]}
        </label>
      ))}
    </Group>
  );
}

/** Fields that belong together. */
export function Group({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    <fieldset>
      <legend>{label}</legend>
      <div class="stack">{children}</div>
    </fieldset>
  );
}
