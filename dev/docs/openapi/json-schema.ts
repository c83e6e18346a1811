/** A schema as it stands in the document. */
export type JsonSchema = { [key: string]: unknown };

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same document with each object in it replaced, the inner ones first. */
export function mapObjects(value: unknown, replace: (object: JsonSchema) => JsonSchema): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, replace));
  if (!isSchema(value)) return value;
  const inner = Object.entries(value).map(([key, item]) => [key, mapObjects(item, replace)]);
  return replace(Object.fromEntries(inner));
}
