/**
 * What docs/api.md says of the fields of an endpoint: the last cell of each row of a table whose first
 * cell names fields. Links are reduced to their texts.
 */
export function fieldTexts(section: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [, first = '', rest = ''] of section.matchAll(/^\| (`.+?) \|(.+)\|$/gm)) {
    const text = (rest.split(' | ').at(-1) ?? '').trim().replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
    for (const [, name = ''] of first.matchAll(/`([\w.-]+)`/g)) {
      if (text !== '' && text !== 'required' && !texts.has(name)) texts.set(name, text);
    }
  }
  return texts;
}
