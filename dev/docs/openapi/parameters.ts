import { z } from 'zod';
import { ACCEPTS_BLANK } from '../../../src/api/forgiving.js';
import { isSchema, type JsonSchema } from './json-schema.js';
import { publishedInput } from './published.js';

/** The fields of a query as parameters; one that is not filled in counts as omitted. */
export function parametersOf(query: z.ZodType | undefined): JsonSchema[] {
  if (!query) return [];
  const schema = publishedInput(z.toJSONSchema(query, { io: 'input' }));
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(isSchema(schema.properties) ? schema.properties : {}).map(
    ([name, field]) => {
      const { description, [ACCEPTS_BLANK]: blank, ...rest } = isSchema(field) ? field : {};
      return {
        name,
        in: 'query',
        required: required.includes(name),
        ...(typeof description === 'string' && { description }),
        schema: blank ? { anyOf: [rest, { type: 'string', const: '' }] } : rest,
      };
    },
  );
}
