import { ACCEPTS_BLANK, ACCEPTS_DIGITS } from '../../../src/api/forgiving.js';
import { isSchema, type JsonSchema, mapObjects } from './json-schema.js';

/** Schemas as they are published: what the ones that run can't say of themselves is put into words. */

const DIGITS = { type: 'string', pattern: '^\\s*\\d{1,15}(\\.\\d{1,6})?\\s*$' };

/** Of an input: a number may come as its digits, a field that is not filled in as null or ''. */
export function publishedInput(schema: JsonSchema): JsonSchema {
  return asObject(
    mapObjects(withoutNoise(schema), (object) => {
      const { [ACCEPTS_DIGITS]: digits, [ACCEPTS_BLANK]: blank, ...rest } = object;
      if (digits)
        return { ...kept(rest, 'description'), anyOf: [without(rest, 'description'), DIGITS] };
      if (isSchema(blank)) return withBlankFields(rest, namesIn(blank.except));
      return blank ? { ...rest, [ACCEPTS_BLANK]: true } : rest;
    }),
  );
}

/** Of an answer: it may grow, and a list of codes with it. */
export function publishedAnswer(schema: JsonSchema): JsonSchema {
  return asObject(
    mapObjects(withoutNoise(schema), (object) => {
      const { additionalProperties, 'x-open-enum': isOpen, ...rest } = object;
      const open = additionalProperties === false ? rest : object;
      if (!isOpen) return open;
      const { enum: known, ...text } = rest;
      return { ...text, 'x-extensible-enum': known };
    }),
  );
}

/** Every integer has bounds that JavaScript sets, and every time a pattern beside its format. */
function withoutNoise(schema: JsonSchema): unknown {
  return mapObjects(schema, ({ $schema: _, ...object }) => {
    if (object.format === 'date-time') return without(object, 'pattern');
    const isBound = (key: string) =>
      (key === 'maximum' || key === 'minimum') &&
      Math.abs(Number(object[key])) === Number.MAX_SAFE_INTEGER;
    return Object.fromEntries(Object.entries(object).filter(([key]) => !isBound(key)));
  });
}

function withBlankFields(schema: JsonSchema, meant: readonly string[]): JsonSchema {
  const { properties } = schema;
  if (!isSchema(properties)) return schema;
  const required = namesIn(schema.required);
  const fields = Object.entries(properties).map(([name, field]) => {
    const isAnything = isSchema(field) && !('type' in field || 'anyOf' in field || 'enum' in field);
    if (!isSchema(field) || isAnything || required.includes(name)) return [name, field];
    const blank = meant.includes(name) ? { type: 'null' } : { enum: ['', null] };
    const alternatives = Array.isArray(field.anyOf) ? field.anyOf : [without(field, 'description')];
    return [name, { ...kept(field, 'description'), anyOf: [...alternatives, blank] }];
  });
  return { ...schema, properties: Object.fromEntries(fields) };
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function without(object: JsonSchema, ...names: string[]): JsonSchema {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

function kept(object: JsonSchema, ...names: string[]): JsonSchema {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
}

function asObject(value: unknown): JsonSchema {
  if (!isSchema(value)) throw new Error('A schema is an object.');
  return value;
}
