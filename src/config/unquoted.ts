/**
 * A value without white space around it and without the quotes that a form or a shell took for a
 * part of it. No setting of this backend begins and ends with a quote of its own.
 */
export function unquoted(value: string): string {
  const text = value.trim();
  const inner = /^(["'])([\s\S]*)\1$/.exec(text)?.[2];
  return inner === undefined ? text : inner.trim();
}
