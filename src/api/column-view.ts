import type { SyncConfig } from '../models/sync-config.js';
import { columnKinds, type KindSource } from '../tables/column-kinds.js';
import { foldedName, storableName } from '../tables/column-name.js';
import type { TableDefinition } from '../tables/table.js';

export interface ColumnView {
  /** As stored. */
  readonly column: string;
  /** A guess is text; a value that comes as a JSON number or boolean is kept as one. */
  readonly kind: string;
  readonly source: KindSource;
  /** Whether the lake's last list has it; null where the lake has listed none. */
  readonly inLake: boolean | null;
}

/** Every column of a table that anything is known of, in the order of their names. */
export function columnViews(table: TableDefinition, config: SyncConfig): ColumnView[] {
  const { lakeObject, columnNames = [], listedKinds = [] } = config;
  // Mongoose, which an earlier version stored it with, leaves out an object without fields.
  const configured = config.options?.columns;
  const kindOf = columnKinds(table, { configured, listed: listedKinds });
  const inLake = lakeObject && new Set(lakeObject.columns.map(foldedName));
  const names = [
    ...Object.keys(table.columns),
    ...columnNames,
    ...(lakeObject?.columns ?? []).map(storableName),
    ...listedKinds.map(({ column }) => column),
    ...Object.keys(configured ?? {}),
  ];
  const distinct = new Map<string, string>();
  for (const name of names) {
    const folded = foldedName(name);
    if (!distinct.has(folded)) distinct.set(folded, name);
  }
  return [...distinct]
    .map(([folded, column]) => {
      const { kind, source } = kindOf(folded);
      const shown = kind === 'unknown' ? 'text' : kind;
      return { column, kind: shown, source, inLake: inLake?.has(folded) ?? null };
    })
    .sort((a, b) => (a.column < b.column ? -1 : 1));
}
