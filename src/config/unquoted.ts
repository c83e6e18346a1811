/**
 * A value without surrounding white space and without the quotes that a form or a shell left
 * around it. No setting of this backend legitimately begins and ends with a quote.
 */
export function unquoted(value: string): string {
  const text = value.trim();
  const inner = /^(["'])([\s\S]*)\1$/.exec(text)?.[2];
  return inner === undefined ? text : inner.trim();
}
