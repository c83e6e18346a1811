import type { PlacedToken } from './clauses.js';
import type { Edit } from './edits.js';
import { SqlRefusal } from './refusal.js';

/** Turns `SELECT TOP n …` into `SELECT … LIMIT n`. */
export function rewriteTop(tokens: readonly PlacedToken[]): Edit[] {
  return tokens.flatMap((token, at) => {
    const before = tokens[at - 1]?.keyword;
    const afterSelect =
      before === 'SELECT' ||
      ((before === 'DISTINCT' || before === 'ALL') && tokens[at - 2]?.keyword === 'SELECT');
    if (token.keyword !== 'TOP' || !afterSelect || token.select === undefined) return [];
    const inBrackets = tokens[at + 1]?.value === '(';
    const count = tokens[at + (inBrackets ? 2 : 1)];
    const last = inBrackets ? tokens[at + 3] : count;
    if (count?.kind !== 'number' || last === undefined) {
      throw new SqlRefusal('TOP takes a number.', token.start);
    }
    const { start, end, inSetOperation } = token.select;
    const limit = ` LIMIT ${count.value}`;
    return [
      { start: token.start, end: last.end, text: '' },
      ...(inSetOperation ? [{ start, end: start, text: '(' }] : []),
      { start: end, end, text: inSetOperation ? `${limit})` : limit },
    ];
  });
}
