import type { Token } from './tokenize.js';

/** One SELECT with what belongs to it: up to a set operator, its closing bracket or the end. */
export interface Select {
  readonly start: number;
  /** Offset behind its last token. */
  end: number;
  /** Whether a set operator stands before or after it. */
  inSetOperation: boolean;
}

export interface PlacedToken extends Token {
  /** The clause it stands in: SELECT, FROM, WHERE, ON, GROUP, HAVING, ORDER, LIMIT, WITH or ''. */
  readonly clause: string;
  readonly select: Select | undefined;
  /** Whether a name here is something to read from: an object, a view function, a CTE. */
  readonly isSource: boolean;
}

interface Frame {
  clause: string;
  select: Select | undefined;
  /** Whether the frame has a SELECT of its own, as a subquery does and a function call does not. */
  own: boolean;
  expectsSource: boolean;
}

const CLAUSES = new Set(['WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'WITH']);
const SET_OPERATORS = new Set(['UNION', 'INTERSECT', 'EXCEPT']);

/** Finds each token's clause and SELECT. Knows only as much of the grammar as that takes. */
export function placeTokens(tokens: readonly Token[]): PlacedToken[] {
  const frames: Frame[] = [];
  let frame: Frame = { clause: '', select: undefined, own: true, expectsSource: false };
  return tokens.map((token, at) => {
    if (token.value === '(' && token.kind === 'symbol') {
      const placed = place(token, frame);
      frames.push(frame);
      frame = { ...frame, own: false };
      return placed;
    }
    if (token.value === ')' && token.kind === 'symbol') {
      frame = { ...(frames.pop() ?? frame), expectsSource: false };
      return place(token, frame);
    }
    if (token.keyword !== '') moveOn(frame, token, tokens[at - 1]);
    const placed = place(token, frame);
    frame.expectsSource = expectsSourceAfter(frame, token, tokens[at - 1]);
    return placed;
  });
}

function place(token: Token, frame: Frame): PlacedToken {
  const { clause, select, expectsSource } = frame;
  // ORDER BY and LIMIT behind a set operation belong to all of it.
  const outside = select?.inSetOperation && (clause === 'ORDER' || clause === 'LIMIT');
  if (select && !outside) select.end = token.end;
  const isSource = expectsSource && (token.kind === 'name' || token.kind === 'text');
  return { ...token, clause, select, isSource: isSource && token.keyword !== 'SELECT' };
}

function moveOn(frame: Frame, token: Token, before: Token | undefined): void {
  const { keyword } = token;
  if (keyword === 'SELECT') {
    const inSetOperation = SET_OPERATORS.has(before?.keyword ?? '') || before?.keyword === 'ALL';
    frame.select = { start: token.start, end: token.end, inSetOperation };
    frame.own = true;
    frame.clause = 'SELECT';
  } else if (SET_OPERATORS.has(keyword)) {
    if (frame.own && frame.select) frame.select.inSetOperation = true;
    frame.select = undefined;
    frame.clause = '';
  } else if (keyword === 'FROM' || keyword === 'JOIN') {
    if (startsSources(frame, token, before)) frame.clause = 'FROM';
  } else if (keyword === 'ON' || keyword === 'USING') {
    if (frame.clause === 'FROM') frame.clause = 'ON';
  } else if (CLAUSES.has(keyword) && (frame.own || keyword === 'ORDER')) {
    frame.clause = keyword;
  }
}

/** Not the FROM in `TRIM(LEADING '0' FROM x)` or in `IS DISTINCT FROM`. */
function startsSources(frame: Frame, token: Token, before: Token | undefined): boolean {
  if (token.keyword === 'JOIN') return true;
  return frame.own && before?.keyword !== 'DISTINCT';
}

function expectsSourceAfter(frame: Frame, token: Token, before: Token | undefined): boolean {
  if (token.keyword === 'FROM' || token.keyword === 'JOIN') {
    return frame.clause === 'FROM' && startsSources(frame, token, before);
  }
  if (token.value !== ',' || token.kind !== 'symbol') return false;
  if (frame.clause === 'ON' && frame.own) frame.clause = 'FROM';
  return frame.clause === 'FROM';
}
