import { LAST_MODIFIED } from '../store/objects.js';
import { identifier } from '../store/sql-text.js';
import type { PlacedToken } from './clauses.js';
import type { Edit } from './edits.js';
import { SqlRefusal } from './refusal.js';
import { type Source, unknown } from './sources.js';

const COMPARISONS = new Set(['=', '>=', '<=']);

/**
 * Turns `infor.lastmodified()` and `infor.lastmodified('alias or object')` into the hidden column.
 * @throws SqlRefusal for an argument that names nothing, and in WHERE for a comparison other
 * than `=`, `>=`, `<=` and BETWEEN.
 */
export function rewriteLastModified(
  tokens: readonly PlacedToken[],
  sources: readonly Source[],
): Edit[] {
  return tokens.flatMap((token, at) => {
    const [, dot, name, open, fifth, sixth] = tokens.slice(at, at + 6);
    const isCall =
      token.keyword === 'INFOR' &&
      dot?.value === '.' &&
      name?.keyword === 'LASTMODIFIED' &&
      open?.value === '(';
    if (!isCall) return [];
    const argument = fifth?.kind === 'text' ? fifth : undefined;
    const close = argument ? sixth : fifth;
    if (close?.value !== ')') {
      throw new SqlRefusal('infor.lastmodified takes one object or alias in quotes.', token.start);
    }
    if (token.clause === 'WHERE') {
      checkComparison(token, tokens[at - 1], tokens[at + (argument ? 6 : 5)]);
    }
    const qualifier = argument ? `${identifier(resolve(argument, token, sources))}.` : '';
    const text = `infor.lastmodified(${qualifier}${LAST_MODIFIED})`;
    return [{ start: token.start, end: close.end, text }];
  });
}

function resolve(argument: PlacedToken, call: PlacedToken, sources: readonly Source[]): string {
  const wanted = argument.value.toLowerCase();
  const aliased = sources.find((source) => source.alias.toLowerCase() === wanted);
  if (aliased) return aliased.alias;
  const named = sources.filter((source) => source.name.toLowerCase() === wanted);
  const found = named.find((source) => source.select === call.select) ?? named[0];
  if (found === undefined) throw unknown(argument.value, argument);
  return found.alias;
}

function checkComparison(
  call: PlacedToken,
  before: PlacedToken | undefined,
  after: PlacedToken | undefined,
): void {
  const allowed =
    COMPARISONS.has(after?.value ?? '') ||
    after?.keyword === 'BETWEEN' ||
    COMPARISONS.has(before?.value ?? '') ||
    before?.keyword === 'BETWEEN';
  if (!allowed) {
    const reason = 'In WHERE infor.lastmodified() takes only =, >=, <= and BETWEEN.';
    throw new SqlRefusal(reason, call.start);
  }
}
