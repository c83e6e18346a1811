import { useId } from 'preact/hooks';

/** Several lines of text, with their label above and what helps below. */
export function TextArea({
  label,
  help,
  error,
  value,
  onValue,
}: {
  readonly label: string;
  readonly help: string;
  /** What the API says of the value. */
  readonly error?: string | undefined;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        {...{ id, value, rows: 3 }}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      <span id={`${id}-note`} class={`small data ${error === undefined ? 'quiet' : 'error'}`}>
        {error ?? help}
      </span>
    </div>
  );
}
