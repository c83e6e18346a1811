import { useId } from 'preact/hooks';
import { route, setQuery } from '../state/route.js';

/** Limits a list by one of several values of a field of the address; another page begins at its start. */
export function SelectFilter({
  label,
  name,
  options,
  fallback = '',
}: {
  readonly label: string;
  readonly name: string;
  /** By value; the empty one limits nothing. */
  readonly options: Readonly<Record<string, string>>;
  /** The value that stands for no field at all. */
  readonly fallback?: string;
}) {
  const id = useId();
  return (
    <span class="row">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={route.value.query[name] ?? fallback}
        onChange={({ currentTarget: { value } }) =>
          setQuery({ [name]: value === fallback ? undefined : value, cursor: undefined })
        }
      >
        {Object.entries(options).map(([value, said]) => (
          <option key={value} value={value}>
            {said}
          </option>
        ))}
      </select>
    </span>
  );
}

/** Limits a list by a day, where its reader is. */
export function DayFilter({ label, name }: { readonly label: string; readonly name: string }) {
  const id = useId();
  return (
    <span class="row">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="date"
        value={route.value.query[name] ?? ''}
        onChange={({ currentTarget: { value } }) => setQuery({ [name]: value, cursor: undefined })}
      />
    </span>
  );
}

/** @returns when a day of the address began where its reader is, or the day after; undefined: none is given */
export function startOfDay(day: string | undefined, later = 0): string | undefined {
  const [year, month, date] = (day ?? '').split('-').map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + later).toISOString();
}
