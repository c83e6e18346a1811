import { isSchema, type JsonSchema } from '../openapi/json-schema.js';
import { type Html, html, prose } from './html.js';
import { typeOf } from './schema-type.js';

/** What is said of a required field: `required` of a request, `always` of an answer. */
type Mark = 'required' | 'always';

/** The fields of an object, those of objects within it below them; of anything else its type. */
export function fieldsOf(schema: unknown, mark: Mark): Html {
  if (!isSchema(schema)) return html``;
  const { properties, required, anyOf } = schema;
  if (Array.isArray(anyOf) && !isSchema(properties)) {
    const objects = anyOf.filter((one) => isSchema(one) && isSchema(one.properties));
    if (objects.length === 0) return html`<p class="type">${typeOf(schema)}</p>`;
    return html`${objects.map((one, index) => html`${index > 0 ? html`<p>or</p>` : ''}${fieldsOf(one, mark)}`)}`;
  }
  if (!isSchema(properties)) return html`<p class="type">${typeOf(schema)}</p>`;
  const names = Array.isArray(required) ? required : [];
  const rows = Object.entries(properties).filter(([, field]) => !isCarriedAlong(field));
  return html`<dl class="fields">${rows.map(([name, field]) =>
    row(name, field, names.includes(name) ? mark : undefined, mark),
  )}</dl>`;
}

/** One field or parameter. */
export function row(name: string, field: unknown, mark: Mark | undefined, innerMark: Mark): Html {
  const description = isSchema(field) ? field.description : undefined;
  const inner = innerObject(field);
  return html`<div><dt><code>${name}</code>${mark ? html` <b class="${mark}">${mark}</b>` : ''} <span class="type">${typeOf(field)}</span></dt><dd>${
    typeof description === 'string' ? prose(description) : ''
  }${inner ? fieldsOf(inner, innerMark) : ''}</dd></div>`;
}

/** Fields of answers that a request may carry along say nothing to a reader. */
function isCarriedAlong(field: unknown): boolean {
  return isSchema(field) && String(field.description).startsWith('Ignored:');
}

function innerObject(field: unknown): JsonSchema | undefined {
  if (!isSchema(field)) return undefined;
  if (isSchema(field.properties)) return field;
  if (isSchema(field.items)) return innerObject(field.items);
  if (isSchema(field.additionalProperties)) return innerObject(field.additionalProperties);
  const all = Array.isArray(field.anyOf) ? field.anyOf : [];
  return all.map(innerObject).find((one) => one !== undefined);
}
