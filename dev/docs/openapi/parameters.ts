import { z } from 'zod';
import { ACCEPTS_BLANK } from '../../../src/api/forgiving.js';
import type { OperationContract } from '../../../src/contract/operation.js';
import { isSchema, type JsonSchema } from './json-schema.js';
import { publishedInput } from './published.js';

/** What parameters mean, whichever operation has them. */
const TEXTS: Readonly<Record<string, string>> = {
  tableId: 'Of this table',
  jobId: 'A run by its job',
  historyId: 'A run by its entry in the history',
  id: 'Of the entry',
  page: 'Number of the page, from 1; not together with `cursor`',
  limit: 'Entries per page; 10 if omitted',
  cursor: '`nextCursor` of the page before',
  from: 'From this time on: an ISO date-time or date, UTC unless a time zone is given',
  to: 'Before this time: an ISO date-time or date, UTC unless a time zone is given',
  status: 'Runs with this status',
  state: '`open` if omitted',
  reason: 'Rejects with this reason, e.g. `number_invalid`',
  days: 'Also answers the sums of each of so many days, today included; in UTC',
  held: '`true`: only the differences on the held list of deletes',
  action: 'Changes of this kind, e.g. `config.update`',
  caller: "By the token's name",
  deep: '`1`: database and lake are checked as well, which needs a token',
};

const ENTITY_TAG = '([Ww]/)?"[!#-~\\u0080-\\u00ff]*"';
const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description:
    'Refuses the change with 412 unless the document has one of these revisions: the `ETag` of an earlier answer',
  schema: {
    type: 'string',
    maxLength: 2_000,
    pattern: `^(\\*|(,[\\t ]*)*${ENTITY_TAG}[\\t ]*(,[\\t ]*(${ENTITY_TAG}[\\t ]*)?)*)$`,
  },
  example: '"7"',
} as const;
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A random text of 1 to 255 visible ASCII characters: the same request, sent again with it within 24 hours, is answered again and does nothing',
  // Bare, or in quotation marks that do not count.
  schema: { type: 'string', pattern: '^(?!""$)([!-~]{1,255}|"[!-~]{1,255}")$' },
} as const;

/** The headers that a request may carry. */
export function headerParametersOf({ revision, idempotent }: OperationContract): JsonSchema[] {
  return [...(revision === 'expected' ? [IF_MATCH] : []), ...(idempotent ? [IDEMPOTENCY_KEY] : [])];
}

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
        description: TEXTS[name] ?? textFor(name, description),
        schema: blank ? { anyOf: [rest, { type: 'string', const: '' }] } : rest,
      };
    },
  );
}

/** @throws Error for a parameter that nothing is said of */
function textFor(name: string, description: unknown): string {
  if (typeof description === 'string') return description;
  throw new Error(`The parameter ${name} has no description.`);
}
