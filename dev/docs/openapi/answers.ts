import { z } from 'zod';
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import type { Services } from '../../../src/api/services.js';
import { commonErrors } from '../../../src/contract/errors.js';
import type { OperationContract } from '../../../src/contract/operation.js';
import { errorAnswer } from '../../../src/contract/schemas/error.js';
import { problem } from '../../../src/contract/schemas/run-answer.js';
import { ERROR_CODES, type ErrorCode } from '../../../src/errors/codes.js';
import type { MethodSpec } from '../../../src/http/endpoint.js';

const HEADERS = {
  'X-Request-Id': {
    description: "The caller's, if it consists of 1 to 64 of `A-Z a-z 0-9 _ . -`",
    schema: { type: 'string' },
  },
} as const;
const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait, if known', schema: { type: 'integer' } },
} as const;
const ETAG = {
  ETag: {
    description: 'The revision in quotation marks, where the answer is one document',
    schema: { type: 'string' },
  },
} as const;
const LOCATION = {
  Location: { description: 'Of the run or the entry, if there is one', schema: { type: 'string' } },
} as const;
const REPLAYED = {
  'Idempotent-Replayed': {
    description: '`true`: the answer of an earlier request with the same `Idempotency-Key`',
    schema: { type: 'string' },
  },
} as const;
const CHALLENGE = {
  'WWW-Authenticate': { description: 'How to authenticate', schema: { type: 'string' } },
} as const;

/** What a method can answer, by status: the codes of its errors are in the descriptions. */
export function answersOf(
  operation: OperationContract,
  spec: MethodSpec<Services>,
  examples: readonly unknown[],
): Record<string, ZodOpenApiResponseObject> {
  const codes = new Set<ErrorCode>([...commonErrors(spec), ...(operation.errors ?? [])]);
  const statuses = new Set([
    ...Object.keys(operation.answers).map(Number),
    ...[...codes].map((code) => ERROR_CODES[code].status),
  ]);
  const sorted = [...statuses].sort((a, b) => a - b);
  return Object.fromEntries(
    sorted.map((status) => {
      const ofStatus = [...codes].filter((code) => ERROR_CODES[code].status === status);
      return [String(status), answer(operation, status, ofStatus, examples)];
    }),
  );
}

function answer(
  { answers, error = errorAnswer, revision, idempotent }: OperationContract,
  status: number,
  codes: readonly ErrorCode[],
  examples: readonly unknown[],
): ZodOpenApiResponseObject {
  const success = answers[status];
  const errors = codes.map((code) => `\`${code}\``).join(', ');
  const description = [success?.description, errors].filter(Boolean).join('; or ');
  const isJson = success && success.type === undefined;
  const bodies = [...(isJson ? [success.body] : []), ...(codes.length > 0 ? [error] : [])];
  const [only, ...others] = bodies;
  const schema = others.length > 0 ? z.union(bodies) : only;
  const fitting = examples.find((example) => success?.body.safeParse(example).success);
  return {
    description,
    headers: {
      ...HEADERS,
      ...(status === 401 && CHALLENGE),
      ...([202, 409, 429, 503].includes(status) && RETRY_AFTER),
      ...(success && revision && ETAG),
      ...(idempotent && (success || status === 409 || status >= 500) && LOCATION),
      ...(success && idempotent && REPLAYED),
    },
    content: {
      ...(schema && {
        'application/json': { schema, ...(fitting !== undefined && { example: fitting }) },
      }),
      ...(codes.length > 0 && { 'application/problem+json': { schema: problem } }),
      ...(success?.type && { [success.type]: { schema: success.body } }),
      ...(success?.line && { 'application/x-ndjson': { schema: success.line } }),
    },
  };
}
