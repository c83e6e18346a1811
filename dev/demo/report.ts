import type { Screen } from '../test-sync-api/screen.js';
import { type Changes, changedRows, tablesWithoutDeletes } from './lake-changes.js';
import { number } from './number.js';
import type { RunStats, TableRun } from './sync-tables.js';
import { textTable } from './text-table.js';

export interface Run {
  readonly title: string;
  readonly tables: readonly TableRun[];
}

const COUNTS = [
  'processedRecords',
  'insertedRecords',
  'updatedRecords',
  'unchangedRecords',
  'staleRecords',
  'errorRecords',
  'deletedRecords',
  'durationMs',
] as const satisfies readonly (keyof RunStats)[];

const HEAD = [
  ['', '', '', '', '', '', '', '', '', 'equal to'],
  'table read created updated unchanged stale rejected deleted seconds'
    .split(' ')
    .concat('the lake'),
];

/** What was changed in the lake, as a table. */
export function reportChanges(changes: readonly Changes[], screen: Screen): void {
  const head = ['', 'edited', 'added', 'deleted', 'revived', 'key used again'];
  const rows = changes.map(({ tableId, edited, added, deleted, revived, reused }) => [
    tableId,
    ...[edited, added, deleted, revived, reused].map(number),
  ]);
  screen.line('\nTwo hours later, in the lake');
  for (const line of textTable([head, ...rows])) screen.line(line);
  const without = tablesWithoutDeletes().map(({ tableId }) => tableId);
  screen.line(
    `No deletes in ${without.join(', ')}: without a delete flag only a reconcile finds them.`,
  );
}

/** One run as a table: rows read, what became of them, and whether both sides are equal now. */
export function reportRun({ title, tables }: Run, screen: Screen): void {
  const sum = (name: keyof RunStats) => tables.reduce((all, { stats }) => all + stats[name], 0);
  const cells = (name: string, of: (count: keyof RunStats) => number, equal: boolean) => [
    name,
    ...COUNTS.map((count) => (count === 'durationMs' ? seconds(of(count)) : number(of(count)))),
    equal ? 'yes' : 'NO',
  ];
  const rows = tables.map(({ tableId, stats, comparison }) =>
    cells(tableId, (count) => stats[count], isEqual(comparison)),
  );
  const total = cells(
    'all',
    sum,
    tables.every(({ comparison }) => isEqual(comparison)),
  );
  screen.line(`\n${title}`);
  for (const line of textTable([...HEAD, ...rows, total])) screen.line(line);
}

/** What the second run shows, and what the columns don't say by themselves. */
export function reportNotes({ tables }: Run, changes: readonly Changes[], screen: Screen): void {
  const sum = (of: (run: TableRun) => number) =>
    number(tables.reduce((all, run) => all + of(run), 0));
  const rows = sum(({ comparison }) => comparison.rows);
  const values = sum(({ comparison }) => comparison.values);
  const changed = number(changes.reduce((all, change) => all + changedRows(change), 0));
  const moved = sum(({ stats }) => movedRows(stats));
  const again = sum(({ stats }) => stats.unchangedRecords);
  for (const line of [
    '',
    `Compared: all ${rows} live rows of the lake, ${values} values, one by one.`,
    `Second sync: ${changed} rows had changed in the lake, and ${moved} moved. The lookback had`,
    `${again} more read again; nothing was written for them.`,
    'read = created + updated + unchanged + stale + rejected. Deleted rows count as updated;',
    'stale rows are not written: what is stored is newer.',
  ]) {
    screen.line(line);
  }
}

function movedRows({ insertedRecords, updatedRecords, staleRecords }: RunStats): number {
  return insertedRecords + updatedRecords + staleRecords;
}

/** Everything that is not as it has to be; nothing: both sides are equal and all counts are right. */
export function problemsOf(first: Run, second: Run, changes: readonly Changes[]): string[] {
  const ofRun = ({ title, tables }: Run) =>
    tables.flatMap((table) => problemsOfTable(table).map((problem) => `${title}: ${problem}`));
  const moved = second.tables.flatMap(({ tableId, stats }) => {
    const written = movedRows(stats);
    const changed = changes.find((change) => change.tableId === tableId);
    const expected = changed ? changedRows(changed) : 0;
    return written === expected
      ? []
      : [`${second.title}: ${tableId}: ${written} rows moved, ${expected} were changed`];
  });
  return [...ofRun(first), ...ofRun(second), ...moved];
}

function problemsOfTable({ tableId, stats, comparison: { differences } }: TableRun): string[] {
  const { insertedRecords, updatedRecords, unchangedRecords, staleRecords, errorRecords } = stats;
  const sum = insertedRecords + updatedRecords + unchangedRecords + staleRecords + errorRecords;
  const read = stats.processedRecords;
  return [
    ...(sum === read ? [] : [`${tableId}: ${read} rows were read, but ${sum} are accounted for`]),
    ...differences.map((difference) => `${tableId} ${difference}`),
  ];
}

function isEqual({ differences }: TableRun['comparison']): boolean {
  return differences.length === 0;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
