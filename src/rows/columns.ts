import { columnKinds, type KindSources } from '../tables/column-kinds.js';
import { foldedName, storableName } from '../tables/column-name.js';
import { MODIFIED_COLUMN, UNPARSABLE_COLUMN } from '../tables/lake-columns.js';
import type { TableDefinition } from '../tables/table.js';
import type { AnyKind, ValueCounts } from './decode-value.js';

/** What the row can't be stored without. */
type Role = 'key' | 'serialKey' | 'deleteFlag' | 'modified' | 'unparsable';

/** A column under one of the names by which rows carry it. */
export interface Column extends ValueCounts {
  readonly kind: AnyKind;
  /** Under which it is stored. */
  readonly name: string;
  readonly role: Role | undefined;
  /** Stored under the name that the row has, and nothing else depends on it: as nearly all are. */
  readonly isPlain: boolean;
  /** Position in [WHSEID, ...key], or -1. */
  readonly keyIndex: number;
}

/** What has been counted of a column's values. */
export interface CountedColumn extends Readonly<ValueCounts> {
  /** As stored. */
  readonly column: string;
}

export interface ColumnResolver {
  /** The columns met so far, by name as rows spell it: the way to look one up in a hot loop. */
  readonly met: ReadonlyMap<string, Column>;
  /** @param name as the row spells it */
  resolve(name: string): Column;
  /** What has been counted since the last call; columns without any are left out. */
  takeCounts(): CountedColumn[];
  /** Stored names of the columns met so far that the definition doesn't know. */
  readonly unknown: ReadonlySet<string>;
  /** Columns met so far that are stored under another name than the lake's: `"sku" as SKU`. */
  readonly renamed: ReadonlySet<string>;
}

/**
 * Finds columns by name whatever its letter case, as the lake does, so that each is one field:
 * a known one under the definition's spelling, any other under the one that was met first.
 * @param storedNames of unknown columns, the preferred spellings first
 * @param kinds what is known of columns beside the definition
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
    // Each with the same properties, so that V8 sees one kind of object.
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

/** Of a column that our statements or our parser add. */
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
