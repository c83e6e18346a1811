import { mongo } from 'mongoose';
import type { ColumnKind, TableDefinition } from '../../src/tables/table.js';
import type { Variation, WireRow } from '../lake/index.js';
import { canonicalDecimal } from './decimal.js';

/** The part of the lake that is looked at, here or in another process. */
export interface ComparedLake {
  variations(object: string): Promise<Variation[]>;
}

export interface Comparison {
  readonly rows: number;
  readonly values: number;
  /** The first differences, readable; none: equal. */
  readonly differences: readonly string[];
}

const SHOWN_DIFFERENCES = 20;

/**
 * Compares a table's collection with the lake, value by value, by rules of its own: it shares
 * no code with the decoder. Rows that the lake holds as deleted must be gone or marked.
 */
export async function compareTable(
  lake: ComparedLake,
  db: mongo.Db,
  table: TableDefinition,
): Promise<Comparison> {
  const documents = await db.collection(table.collection).find({}).toArray();
  const stored = new Map(documents.map((document) => [String(document._id), document]));
  const differences: string[] = [];
  let values = 0;

  const highest = (await lake.variations(table.object)).filter((variation) => variation.highest);
  const live = highest.filter((variation) => !variation.deleted);
  for (const { values: row, lastModified } of live) {
    const id = expectedId(table, row);
    const document = stored.get(id);
    stored.delete(id);
    values += Object.keys(row).length;
    if (!document) differences.push(`${id}: missing`);
    else differences.push(...compareRow(table, id, row, lastModified, document));
  }
  for (const [id, document] of stored) {
    if (document._lake?.deletedAt instanceof Date) continue;
    differences.push(`${id}: not in the lake`);
  }
  return { rows: live.length, values, differences: differences.slice(0, SHOWN_DIFFERENCES) };
}

export function expectedId({ key }: TableDefinition, row: WireRow): string {
  const parts = ['WHSEID', ...key].map((name) => row[name] ?? '');
  return parts.map((part) => part.replaceAll('\\', '\\\\').replaceAll('|', '\\|')).join('|');
}

export function compareRow(
  table: TableDefinition,
  id: string,
  row: WireRow,
  lastModified: string,
  { _id, _lake, ...fields }: mongo.Document,
): string[] {
  const differences: string[] = [];
  const expected = new Map<string, unknown>();
  const unreadable: string[] = [];
  for (const [name, text] of Object.entries(row)) {
    const column = fieldName(table, name, fields);
    const kind = table.columns[name.toUpperCase()] ?? kindOf(fields[column]);
    if (isBlank(kind, text)) continue;
    if (!isReadable(kind, text)) {
      unreadable.push(column);
      continue;
    }
    expected.set(column, text);
    const value = fields[column];
    if (!sameValue(kind, text, value)) {
      differences.push(`${id}.${column}: ${JSON.stringify(value)} instead of ${text}`);
    }
  }
  for (const name of Object.keys(fields)) {
    if (!expected.has(name)) differences.push(`${id}.${name}: ${fields[name]} instead of NULL`);
  }
  const named = (_lake?.unreadable ?? []).join();
  if (named !== unreadable.sort().join()) {
    differences.push(`${id}: ${named} called unreadable instead of ${unreadable.join()}`);
  }
  // A table that was rebuilt carries its epoch.
  const marks = Object.keys(_lake ?? {})
    .filter((name) => name !== 'epoch' && name !== 'unreadable')
    .join();
  if (marks !== 'modifiedAt' || _lake.modifiedAt.toISOString() !== lastModified) {
    differences.push(`${id}._lake: ${JSON.stringify(_lake)} instead of ${lastModified}`);
  }
  return differences;
}

/** A known column has the definition's spelling; any other one that which was met first. */
function fieldName({ columns }: TableDefinition, name: string, fields: mongo.Document): string {
  const known = name.toUpperCase();
  if (known in columns) return known;
  const escaped = name.replaceAll('%', '%25').replaceAll('.', '%2E').replace(/^\$/, '%24');
  const isSame = (field: string) => field.toUpperCase() === escaped.toUpperCase();
  return Object.keys(fields).find(isSame) ?? escaped;
}

/** What a column that no definition knows was taken for, by the lake's list or by configuration. */
function kindOf(value: unknown): ColumnKind | undefined {
  if (value instanceof Date) return 'date';
  return typeof value === 'number' || value instanceof mongo.Decimal128 ? 'number' : undefined;
}

function isBlank(kind: ColumnKind | undefined, text: string): boolean {
  return (kind === 'number' || kind === 'date') && /^\s*$/.test(text);
}

/** Values out of the ordinary that lakes of tests hold, no more. */
function isReadable(kind: ColumnKind | undefined, text: string): boolean {
  if (kind === 'number') {
    const [digits = '', exponent] = canonicalDecimal(text)?.replace(/^-/, '').split('E') ?? [];
    return digits !== '' && digits.length <= 34 && Math.abs(Number(exponent ?? 0)) < 6000;
  }
  // Date.parse takes a 31st of June for the 1st of July.
  if (kind === 'date') return cutDate(text)?.slice(0, 10) === text.slice(0, 10);
  return true;
}

/** To the millisecond, ISO 8601 in UTC. */
function cutDate(text: string): string | undefined {
  const ms = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function sameValue(kind: ColumnKind | undefined, text: string, value: unknown): boolean {
  switch (kind) {
    case 'number': {
      if (typeof value !== 'number' && !(value instanceof mongo.Decimal128)) return false;
      return canonicalDecimal(String(value)) === canonicalDecimal(text);
    }
    case 'date':
      return value instanceof Date && value.toISOString() === cutDate(text);
    default:
      return value === text;
  }
}
