import type { ObjectRegistry } from '../store/objects.js';
import { identifier } from '../store/sql-text.js';
import type { LakeObject } from '../types.js';
import { type PlacedToken, placeTokens } from './clauses.js';
import { checkDialect, type RefusedForms } from './dialect.js';
import { applyEdits, type Edit, type EditedSql } from './edits.js';
import { rewriteLastModified } from './last-modified.js';
import { findSources, type Source, unknown } from './sources.js';
import { tokenize } from './tokenize.js';
import { rewriteTop } from './top.js';

export interface RewrittenSql extends EditedSql {
  /** The objects that the query reads. */
  readonly objects: readonly LakeObject[];
  /** Whether the whole result has an ORDER BY. */
  readonly ordered: boolean;
}

/**
 * Infor's SQL as the engine's SQL.
 * @throws SqlRefusal for what a lake would not run.
 */
export function rewriteSql(
  sql: string,
  registry: ObjectRegistry,
  refused: RefusedForms,
): RewrittenSql {
  const all = tokenize(sql);
  const semicolon = all.at(-1)?.value === ';' ? all.at(-1) : undefined;
  const tokens = placeTokens(semicolon ? all.slice(0, -1) : all);
  checkDialect(tokens, refused);
  const sources = findSources(tokens);
  const objects = sources.flatMap((source) => objectOf(source, registry));
  const edits = [
    ...sources.map(readView),
    ...rewriteLastModified(tokens, sources),
    ...rewriteTop(tokens),
    ...rewriteCasts(tokens),
    ...rewriteExpressions(tokens),
    ...(semicolon ? [{ start: semicolon.start, end: semicolon.end, text: '' }] : []),
  ];
  return { ...applyEdits(sql, edits), objects, ordered: isOrdered(tokens) };
}

function isOrdered(tokens: readonly PlacedToken[]): boolean {
  let depth = 0;
  return tokens.some(({ kind, value, keyword }) => {
    if (kind === 'symbol') depth += Number(value === '(') - Number(value === ')');
    return depth === 0 && keyword === 'ORDER';
  });
}

function objectOf(source: Source, registry: ObjectRegistry): LakeObject[] {
  if (source.view === 'catalogue') return [];
  const object = registry.find(source.name);
  if (object === undefined) throw unknown(source.name, source);
  return [object];
}

function readView({ view, name, start, end }: Source): Edit {
  return { start, end, text: `fabric.${view}.${identifier(name)}` };
}

/** A CAST that fails gives NULL. */
function rewriteCasts(tokens: readonly PlacedToken[]): Edit[] {
  return tokens
    .filter((token, at) => token.keyword === 'CAST' && tokens[at + 1]?.value === '(')
    .map(({ start, end }) => ({ start, end, text: 'TRY_CAST' }));
}

/**
 * The engine would first write every row of a common table expression that is read more than
 * once into memory, which costs more than reading the columns that are needed a second time. Not
 * so where it groups: its result is small.
 */
function rewriteExpressions(tokens: readonly PlacedToken[]): Edit[] {
  return tokens
    .filter(
      ({ keyword, clause }, at) =>
        keyword === 'AS' &&
        clause === 'WITH' &&
        tokens[at + 1]?.value === '(' &&
        !isGrouped(tokens.slice(at + 1)),
    )
    .map(({ end }) => ({ start: end, end, text: ' NOT MATERIALIZED' }));
}

/** @param tokens from the bracket on that opens the expression */
function isGrouped(tokens: readonly PlacedToken[]): boolean {
  let depth = 0;
  for (const { kind, value, keyword } of tokens) {
    if (kind === 'symbol') depth += Number(value === '(') - Number(value === ')');
    if (depth === 0) return false;
    if (depth === 1 && keyword === 'GROUP') return true;
  }
  return false;
}
