import type { ComponentChildren, Key } from 'preact';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Of figures, which line up at their end. */
  readonly numeric?: boolean;
  /** Stays on one line, as a time does. */
  readonly short?: boolean;
  /** Names its row: one column has to. */
  readonly heads?: boolean;
}

/**
 * Rows under titles; on a narrow screen each row becomes a list of its cells with their titles.
 * @param caption what it lists, for those who can't see where it is
 */
export function Table<T>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => Key;
}) {
  return (
    <table>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ title, numeric }) => (
            <th key={title} scope="col" class={numeric ? 'numeric' : ''}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <Cell key={column.title} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<T>({ column, row }: { readonly column: Column<T>; readonly row: T }) {
  const { title, cell, numeric, short, heads } = column;
  const label = (
    <span class="label" aria-hidden="true">
      {title}
    </span>
  );
  const classes = `${numeric ? 'numeric' : ''} ${short ? 'short' : ''}`.trim();
  if (heads) {
    return (
      <th scope="row" class={classes}>
        {cell(row)}
      </th>
    );
  }
  return (
    <td class={classes}>
      {label}
      <span class="value">{cell(row)}</span>
    </td>
  );
}
