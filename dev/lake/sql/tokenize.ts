import { SqlRefusal } from './refusal.js';

export interface Token {
  /** `name` is a word or a quoted identifier, `text` a quoted literal. */
  readonly kind: 'name' | 'text' | 'number' | 'symbol';
  /** A keyword in capitals; '' for everything that can't be one. */
  readonly keyword: string;
  /** What the token says: an identifier or literal without its quotes, else the text itself. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const PATTERNS: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /(?:\s+|--[^\n]*|\/\*.*?\*\/)+/sy],
  ['text', /'(?:[^']|'')*'/y],
  ['name', /"(?:[^"]|"")*"/y],
  ['name', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['number', /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+/y],
  ['symbol', />=|<=|<>|!=|\|\||::|->|[^\s]/y],
];

/**
 * Splits SQL into tokens, leaving out blanks and comments.
 * @throws SqlRefusal for a quote or comment that is never closed.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const { kind, text } = matchAt(sql, at);
    if (kind === 'symbol' && (text === "'" || text === '"' || sql.startsWith('/*', at))) {
      throw new SqlRefusal(`${text} is opened and never closed.`, at);
    }
    if (kind !== 'space') tokens.push(toToken(kind, text, at));
    at += text.length;
  }
  return tokens;
}

function matchAt(sql: string, at: number): { kind: Token['kind'] | 'space'; text: string } {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text) return { kind, text };
  }
  return { kind: 'symbol', text: sql.charAt(at) };
}

function toToken(kind: Token['kind'], text: string, start: number): Token {
  const end = start + text.length;
  const quote = text.charAt(0);
  if (quote === '"' || quote === "'") {
    const value = text.slice(1, -1).replaceAll(quote + quote, quote);
    return { kind, keyword: '', value, start, end };
  }
  return { kind, keyword: kind === 'name' ? text.toUpperCase() : '', value: text, start, end };
}
