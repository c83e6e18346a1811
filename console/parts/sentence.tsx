import type { ComponentChild } from 'preact';

/**
 * A text of `texts.ts` with its places filled in.
 * @example <Sentence text="as of {at}" at={<Time at={iso} />} />
 */
export function Sentence({
  text,
  ...values
}: { readonly text: string } & Readonly<Record<string, ComponentChild>>) {
  return (
    <>{text.split(/\{(\w+)\}/).map((part, index) => (index % 2 === 1 ? values[part] : part))}</>
  );
}

/** The same where a text is wanted: a label, a title. */
export function sentence(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
