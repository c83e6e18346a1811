import { foldedName } from './column-name.js';
import type { ColumnKind, TableDefinition } from './table.js';

/** Kinds that a configuration may give a column. */
export const CONFIGURABLE_KINDS = ['text', 'number', 'date'] as const;
export type ConfigurableKind = (typeof CONFIGURABLE_KINDS)[number];

/** A column in a query's column list; its name in capitals. */
export interface ListedKind {
  column: string;
  kind: ConfigurableKind;
}

/** Sources of column kinds other than the table's own definition. */
export interface KindSources {
  /** `options.columns` of the configuration: by name, whatever its letter case. */
  readonly configured?: Readonly<Record<string, ConfigurableKind>> | undefined;
  /** By the lake's column lists. */
  readonly listed?: readonly ListedKind[] | undefined;
}

/** Where a column's kind comes from; `guess` if from none of the sources. */
export type KindSource = 'table' | 'configuration' | 'lake' | 'guess';

export interface KnownKind {
  /** `unknown`: kept as it arrives, which is text in WMS objects. */
  readonly kind: ColumnKind | 'unknown';
  readonly source: KindSource;
}

const GUESS: KnownKind = { kind: 'unknown', source: 'guess' };

/**
 * The one place that decides a column's kind: by the configuration, otherwise the table's
 * definition, otherwise the lake's list. For columns that identify a row, only the definition
 * counts.
 * @returns a lookup by a column's name in any letter case
 */
export function columnKinds(
  table: TableDefinition,
  { configured = {}, listed = [] }: KindSources = {},
): (name: string) => KnownKind {
  const kinds = new Map<string, KnownKind>();
  for (const { column, kind } of listed) kinds.set(foldedName(column), { kind, source: 'lake' });
  for (const [name, kind] of Object.entries(table.columns)) {
    kinds.set(name, { kind, source: 'table' });
  }
  for (const [name, kind] of Object.entries(configured)) {
    const folded = foldedName(name);
    if (!isFixed(table, folded)) kinds.set(folded, { kind, source: 'configuration' });
  }
  return (name) => kinds.get(foldedName(name)) ?? GUESS;
}

/**
 * Whether a column's kind can't be configured: the key, SERIALKEY and the delete flag determine
 * which row it is, in which version, and whether it is deleted.
 */
export function isFixed(table: TableDefinition, name: string): boolean {
  const folded = foldedName(name);
  return (
    ['WHSEID', 'SERIALKEY', ...table.key].includes(folded) || table.columns[folded] === 'deleteFlag'
  );
}

/** Columns whose stored values depend on these sources, by name. */
export function shapingColumns(
  table: TableDefinition,
  sources: KindSources,
): [string, ColumnKind][] {
  const { configured = {}, listed = [] } = sources;
  const kindOf = columnKinds(table, sources);
  // A text column in the lake's list is stored as it would be without the list.
  const telling = listed.filter(({ kind }) => kind !== 'text').map(({ column }) => column);
  const names = [...Object.keys(table.columns), ...Object.keys(configured), ...telling];
  const distinct = [...new Set(names.map(foldedName))].sort();
  return distinct.flatMap((name) => {
    const { kind } = kindOf(name);
    return kind === 'unknown' ? [] : [[name, kind] as [string, ColumnKind]];
  });
}

const DATE = /^(timestamp|datetime|smalldatetime|date)/;
const NUMBER =
  /^(u?(tiny|small|medium|big|huge)?int(eger)?\d*|long|short|byte|double|float\d*|real|dec(imal)?|numeric|number|(small)?money)$/;
/** Types that JSON represents natively: their values are kept as they arrive. */
const AS_IT_COMES = /^(bool|struct|array|list|map|object|json|variant|row)/;

/**
 * The kind of a column by the `datatype` of a query's column list (`Timestamp`, `Integer`,
 * `String` …, also SQL's own names with a length); undefined if it is unknown.
 */
export function kindOfDatatype(datatype: unknown): ConfigurableKind | undefined {
  const said = typeof datatype === 'string' ? datatype.trim().toLowerCase() : '';
  const [type = ''] = /^\w*/.exec(said) ?? [];
  if (type === '' || AS_IT_COMES.test(type)) return undefined;
  if (DATE.test(type)) return 'date';
  return NUMBER.test(type) ? 'number' : 'text';
}

/** A column that is missing in one list may be in the next: it keeps its kind. */
export function mergeListed(
  known: readonly ListedKind[] = [],
  listed: readonly ListedKind[] = [],
): ListedKind[] {
  const kinds = new Map([...known, ...listed].map(({ column, kind }) => [column, kind]));
  return [...kinds]
    .map(([column, kind]) => ({ column, kind }))
    .sort((a, b) => (a.column < b.column ? -1 : 1));
}
