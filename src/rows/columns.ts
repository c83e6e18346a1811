import { columnKinds, type KindSources } from '../tables/column-kinds.js';
import { foldedName, storableName } from '../tables/column-name.js';
import { MODIFIED_COLUMN, UNPARSABLE_COLUMN } from '../tables/lake-columns.js';
import type { TableDefinition } from '../tables/table.js';
import type { AnyKind, ValueCounts } from './decode-value.js';

/** The role of a column without whose value a row can't be stored. */
type Role = 'key' | 'serialKey' | 'deleteFlag' | 'modified' | 'unparsable';

/** A column under one of the spellings of its name in rows. */
export interface Column extends ValueCounts {
  readonly kind: AnyKind;
  /** The name under which it is stored. */
  readonly name: string;
  readonly role: Role | undefined;
  /** Stored under the row's own spelling, and without a role; true for nearly all columns. */
  readonly isPlain: boolean;
  /** Position in [WHSEID, ...key], or -1. */
  readonly keyIndex: number;
}

/** The counts of a column's values. */
export interface CountedColumn extends Readonly<ValueCounts> {
  /** The name as stored. */
  readonly column: string;
}

export interface ColumnResolver {
  /** The columns met so far, by name as rows spell it; for look-ups in a hot loop. */
  readonly met: ReadonlyMap<string, Column>;
  /** @param name as the row spells it */
  resolve(name: string): Column;
  /** The counts since the last call; columns without any are left out. */
  takeCounts(): CountedColumn[];
  /** Stored names of the columns met so far that the definition doesn't know. */
  readonly unknown: ReadonlySet<string>;
  /** Columns met so far that are stored under another name than the lake's: `"sku" as SKU`. */
  readonly renamed: ReadonlySet<string>;
}

/**
 * Finds columns by name, ignoring letter case as the lake does, so that each is one field: a known
 * one under the definition's spelling, any other under the spelling that was met first.
 * @param storedNames of unknown columns, the preferred spellings first
 * @param kinds what is known of columns besides the definition
 */
export function createColumnResolver(
  definition: TableDefinition,
  storedNames: readonly string[],
  kinds: KindSources = {},
): ColumnResolver {
  const kindOf = columnKinds(definition, kinds);
  const keyColumns = ['WHSEID', ...definition.key];
  const byName = new Map<string, Column>();
  const unknown = new Set<string>();
  const renamed = new Set<string>();
  const spelled = new Map<string, string>();
  for (const name of storedNames) firstSpelling(name);

  function firstSpelling(stored: string): string {
    const folded = foldedName(stored);
    const first = spelled.get(folded) ?? stored;
    spelled.set(folded, first);
    return first;
  }

  function add(name: string): Column {
    const folded = foldedName(name);
    const isOwn = folded === MODIFIED_COLUMN || folded === UNPARSABLE_COLUMN;
    const known = definition.columns[folded];
    const stored = known || isOwn ? folded : firstSpelling(storableName(name));
    if (!known && !isOwn) unknown.add(stored);
    if (!isOwn && stored !== name) renamed.add(`${JSON.stringify(name)} as ${stored}`);
    const role = roleOf(keyColumns, folded, known);
    // All have the same properties in the same order, so that V8 gives them one hidden class.
    const column = {
      kind: ownKind(folded) ?? kindOf(folded).kind,
      name: stored,
      role,
      isPlain: role === undefined && stored === name,
      keyIndex: keyColumns.indexOf(folded),
      blank: 0,
      cut: 0,
    };
    byName.set(name, column);
    return column;
  }

  return {
    met: byName,
    resolve: (name) => byName.get(name) ?? add(name),
    takeCounts: () => [...byName.values()].flatMap(takeCounts),
    unknown,
    renamed,
  };
}

function takeCounts(column: Column): CountedColumn[] {
  const { name, blank, cut } = column;
  column.blank = 0;
  column.cut = 0;
  return blank + cut > 0 ? [{ column: name, blank, cut }] : [];
}

/** The kind of a column that this backend's statements or its parser add. */
function ownKind(folded: string): AnyKind | undefined {
  if (folded === MODIFIED_COLUMN) return 'modified';
  return folded === UNPARSABLE_COLUMN ? 'unparsable' : undefined;
}

function roleOf(
  keyColumns: readonly string[],
  folded: string,
  known: string | undefined,
): Role | undefined {
  if (folded === MODIFIED_COLUMN) return 'modified';
  if (folded === UNPARSABLE_COLUMN) return 'unparsable';
  if (keyColumns.includes(folded)) return 'key';
  if (folded === 'SERIALKEY') return 'serialKey';
  return known === 'deleteFlag' ? 'deleteFlag' : undefined;
}
