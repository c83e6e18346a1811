import { isSchema, type JsonSchema } from '../openapi/json-schema.js';
import { type Html, html } from './html.js';

/** What a schema is, in a few words: `integer ≥ 1`, `text or list of text`, a link to a component. */
export function typeOf(schema: unknown): Html {
  if (!isSchema(schema)) return html`any`;
  const { $ref, anyOf, type, enum: values, items, additionalProperties } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (Array.isArray(anyOf)) return alternatives(anyOf);
  if ('const' in schema) return literal(schema.const);
  if (Array.isArray(values)) return joined(values.map(literal), ' | ');
  if (type === 'array') return html`list of ${typeOf(items)}`;
  if (type === 'object' && isSchema(additionalProperties) && !schema.properties) {
    return html`object of ${typeOf(additionalProperties)}`;
  }
  if (Array.isArray(type)) return html`${type.join(' | ')}`;
  return html`${nameOf(schema)}${limitsOf(schema)}`;
}

const ID = /^\^\[0-9a-f(?:A-F)?\]\{24\}\$$/;

function nameOf({ type, format, pattern }: JsonSchema): string {
  if (typeof pattern === 'string' && ID.test(pattern)) return 'id';
  if (format === 'date-time') return 'time';
  if (format === 'date') return 'date';
  if (type === 'string') return 'text';
  return typeof type === 'string' ? type : 'any';
}

/** Forms that mean omission, and digits, are said once for the whole page. */
function alternatives(schemas: readonly unknown[]): Html {
  const isBlank = (one: unknown) =>
    isSchema(one) && (one.const === '' || (Array.isArray(one.enum) && one.enum.includes('')));
  const isDigits = (one: unknown) => isSchema(one) && String(one.pattern).startsWith('^\\s*\\d');
  const shown = schemas.filter((one) => !isBlank(one) && !isDigits(one));
  const names = shown.map((one) => typeOf(one));
  return html`${joined(names, ' | ')}${schemas.some(isDigits) ? ' (or its digits)' : ''}`;
}

function limitsOf({ minimum, maximum, minLength, maxLength, pattern }: JsonSchema): Html {
  const limits = [
    range(minimum, maximum),
    range(minLength, maxLength) && `${range(minLength, maxLength)} characters`,
  ].filter((limit) => limit !== '');
  const shape =
    typeof pattern === 'string' && !ID.test(pattern) ? html` <code>${pattern}</code>` : '';
  return html`${limits.length > 0 ? ` ${limits.join(', ')}` : ''}${shape}`;
}

function range(least: unknown, most: unknown): string {
  if (least === undefined) return most === undefined ? '' : `≤ ${most}`;
  return most === undefined ? `≥ ${least}` : `${least}–${most}`;
}

function literal(value: unknown): Html {
  return html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`;
}

function joined(parts: readonly Html[], separator: string): Html {
  return html`${parts.map((part, index) => html`${index > 0 ? separator : ''}${part}`)}`;
}
