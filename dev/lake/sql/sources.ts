import type { PlacedToken, Select } from './clauses.js';
import { SqlRefusal } from './refusal.js';

export type SourceView = 'live' | 'includedeleted' | 'allvariations' | 'catalogue';

/** Something that a query reads from. */
export interface Source {
  readonly view: SourceView;
  readonly name: string;
  /** By what the query's other parts name it. */
  readonly alias: string;
  readonly select: Select | undefined;
  readonly start: number;
  readonly end: number;
}

const NOT_AN_ALIAS = new Set(
  `WHERE JOIN LEFT RIGHT INNER FULL CROSS NATURAL ON USING GROUP ORDER HAVING LIMIT UNION
   INTERSECT EXCEPT WINDOW OUTER`.split(/\s+/),
);

/**
 * What the query reads, common table expressions left out.
 * @throws SqlRefusal for something that no lake has: a function, a file, another schema.
 */
export function findSources(tokens: readonly PlacedToken[]): Source[] {
  const expressions = commonTableExpressions(tokens);
  return tokens.flatMap((token, at) => {
    if (!token.isSource) return [];
    const source = sourceAt(tokens, at);
    return expressions.has(source.name.toLowerCase()) && source.view === 'live' ? [] : [source];
  });
}

function sourceAt(tokens: readonly PlacedToken[], at: number): Source {
  const [name, dot, member, open, argument, close] = tokens.slice(at, at + 6);
  if (name === undefined || name.kind !== 'name') {
    throw new SqlRefusal('A name is expected here.', name?.start);
  }
  if (dot?.value !== '.') {
    if (dot?.value === '(') throw unknown(name.value, name);
    return toSource(tokens, at, 1, 'live', name.value);
  }
  const schema = name.value.toLowerCase();
  const view = member?.value.toLowerCase();
  if (schema === 'infor' && (view === 'includedeleted' || view === 'allvariations')) {
    if (open?.value !== '(' || argument?.kind !== 'text' || close?.value !== ')') {
      throw new SqlRefusal(`infor.${view} takes the name of an object in quotes.`, name.start);
    }
    return toSource(tokens, at, 6, view, argument.value);
  }
  if (schema === 'information_schema' && view === 'tables') {
    return toSource(tokens, at, 3, 'catalogue', 'tables');
  }
  throw unknown(`${name.value}.${member?.value ?? ''}`, name);
}

function toSource(
  tokens: readonly PlacedToken[],
  at: number,
  length: number,
  view: SourceView,
  name: string,
): Source {
  const first = tokens[at];
  const last = tokens[at + length - 1];
  const follower = tokens[at + length];
  const aliased = follower?.keyword === 'AS' ? tokens[at + length + 1] : follower;
  const hasAlias = aliased?.kind === 'name' && !NOT_AN_ALIAS.has(aliased.keyword);
  return {
    view,
    name,
    alias: hasAlias ? aliased.value : name,
    select: first?.select,
    start: first?.start ?? 0,
    end: last?.end ?? 0,
  };
}

function commonTableExpressions(tokens: readonly PlacedToken[]): Set<string> {
  const names = tokens
    .filter((token, at) => {
      const opens = tokens[at + 1]?.keyword === 'AS' && tokens[at + 2]?.value === '(';
      const listed = tokens[at + 1]?.value === '(';
      return token.clause === 'WITH' && token.kind === 'name' && (opens || listed);
    })
    .map((token) => token.value.toLowerCase());
  return new Set(names);
}

export function unknown(name: string, at: { start: number }): SqlRefusal {
  const reason = `'${name}' is unknown, or you have no permission to read it.`;
  return new SqlRefusal(reason, at.start, '401');
}
