/** Templates that are kept: far more than an object has patterns of NULL columns on a page. */
const MOST_TEMPLATES = 1_000;

type Fields = Record<string, unknown>;

/**
 * Makes documents from fields in their order, after an `_id`. An object that is filled name by
 * name, or loses a property, ends as a hash table of five times the size (V8); a copy of one that
 * JSON.parse made does not.
 */
export function createShaper(): (fields: ReadonlyMap<string, unknown>) => Fields {
  const templates = new Map<string, Fields>();

  function templateOf(names: readonly string[]): Fields {
    // No stored name has a NUL.
    const shape = names.join('\0');
    let template = templates.get(shape);
    if (!template) {
      const members = ['_id', ...names].map((name) => `${JSON.stringify(name)}:null`);
      template = JSON.parse(`{${members.join()}}`) as Fields;
      if (templates.size >= MOST_TEMPLATES) templates.clear();
      templates.set(shape, template);
    }
    return template;
  }

  return (fields) => {
    const document = { ...templateOf([...fields.keys()]) };
    for (const [name, value] of fields) document[name] = value;
    return document;
  };
}
