import { useId } from 'preact/hooks';
import { overview } from '../state/overview.js';
import { route, setQuery } from '../state/route.js';
import { texts } from '../texts.js';

/** Limits a list to one table, by the field `tableId` of the address. */
export function TableFilter({ label }: { readonly label: string }) {
  const id = useId();
  const tables = overview.value?.data.tables ?? [];
  return (
    <span class="row">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={route.value.query.tableId ?? ''}
        onChange={({ currentTarget }) =>
          setQuery({ tableId: currentTarget.value, cursor: undefined })
        }
      >
        <option value="">{texts.allTables}</option>
        {tables.map(({ tableId, tableName }) => (
          <option key={tableId} value={tableId}>
            {tableName}
          </option>
        ))}
      </select>
    </span>
  );
}
