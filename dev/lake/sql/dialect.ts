import type { PlacedToken } from './clauses.js';
import { SqlRefusal } from './refusal.js';

/** Forms of a statement that a lake may or may not take. */
export interface RefusedForms {
  /** Whether a CROSS JOIN is refused. */
  readonly refuseTotals: boolean;
}

/**
 * Refuses what Infor's dialect lacks though the engine here has it, so that SQL which works
 * on this lake has a chance on a real one.
 * @throws SqlRefusal
 */
export function checkDialect(tokens: readonly PlacedToken[], refused: RefusedForms): void {
  const first = tokens[0];
  if (first === undefined) throw new SqlRefusal('The query is empty.', 0);
  if (first.keyword !== 'SELECT' && first.keyword !== 'WITH' && first.value !== '(') {
    throw new SqlRefusal('Only SELECT statements can be run.', first.start);
  }
  for (const [at, token] of tokens.entries()) {
    const isCrossJoin = token.keyword === 'CROSS' && tokens[at + 1]?.keyword === 'JOIN';
    const reason =
      refused.refuseTotals && isCrossJoin
        ? 'CROSS JOIN is not supported.'
        : missingFeature(tokens, at);
    if (reason !== undefined) throw new SqlRefusal(reason, token.start);
  }
}

function missingFeature(tokens: readonly PlacedToken[], at: number): string | undefined {
  const token = tokens[at];
  const next = tokens[at + 1];
  switch (token?.keyword) {
    case 'OFFSET':
      return 'OFFSET is not supported.';
    case 'EXTRACT':
      return next?.value === '(' ? 'EXTRACT is not supported.' : undefined;
    case 'QUALIFY':
    case 'ILIKE':
    case 'PIVOT':
      return `${token.keyword} is not supported.`;
    case 'EXCLUDE':
    case 'REPLACE':
      return tokens[at - 1]?.value === '*' ? `* ${token.keyword} is not supported.` : undefined;
    case 'ALL':
      return tokens[at - 1]?.keyword === 'BY' ? 'BY ALL is not supported.' : undefined;
    case 'IS':
      return next?.keyword === 'NOT' && tokens[at + 2]?.keyword === 'TRUE'
        ? 'IS NOT TRUE is not supported.'
        : undefined;
  }
  if (token?.kind !== 'symbol') return undefined;
  if (token.value === ';') return 'Only one statement can be run.';
  return ['::', '->', '$', '?', '[', '{'].includes(token.value)
    ? `syntax error at or near "${token.value}"`
    : undefined;
}
