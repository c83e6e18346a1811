import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import type { Services } from '../../../src/api/services.js';
import { PUBLISHED } from '../../../src/contract/contract.js';
import { METHODS } from '../../../src/contract/errors.js';
import type { EndpointContract, OperationContract } from '../../../src/contract/operation.js';
import type { Access, Method, MethodSpec } from '../../../src/http/endpoint.js';
import { VERSION } from '../../../src/version.js';
import { type ApiExample, examplesOf, sectionsOf } from '../api-examples.js';
import { fieldTexts } from '../api-fields.js';
import { answersOf } from './answers.js';
import { isSchema, type JsonSchema } from './json-schema.js';
import { headerParametersOf, parametersOf } from './parameters.js';
import { publishedAnswer, publishedInput } from './published.js';

const DESCRIPTION = `Brings the tables of an Infor WMS out of Infor's Data Fabric lake into MongoDB.

- Bodies are one JSON object of at most 64 KB, in UTF-8; an empty body counts as \`{}\`. Unknown fields of a body are refused, unknown query parameters are ignored.
- Where a field may be \`null\` or an empty text, that counts as omitted; where a number may be a text, its digits do.
- Times in answers are ISO 8601, UTC, with milliseconds; those in requests are UTC unless they name a zone.
- Answers may grow: fields and error codes can be added.
- HEAD is answered wherever GET is, like GET but without a body.`;

const SCHEME = 'token';

/**
 * The OpenAPI document of everything that is published.
 * @param page docs/api.md, whose complete examples it takes over
 */
export function openapiDocument(page: string): JsonSchema {
  const sections = sectionsOf(page);
  const paths = PUBLISHED.map((contract) => {
    const { name } = contract.endpoint;
    return [`/${name}`, pathOf(contract, sections.get(name) ?? '')];
  });
  const document = createDocument({
    openapi: '3.1.1',
    info: {
      title: 'DataLake Sync Backend',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: '/api', description: 'This site' },
      { url: '/.netlify/functions', description: 'This site, without the redirect' },
    ],
    tags: PUBLISHED.map(({ endpoint, operations }) => ({
      name: endpoint.name,
      description: Object.values(operations)
        .map(({ summary }) => summary)
        .join('. '),
    })),
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        [SCHEME]: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token of `API_TOKEN` (full access) or `API_READ_TOKEN` (GET only). Which of them an operation needs is said by its role, `read` or `write`.',
        },
      },
    },
  });
  return published(document);
}

/** @param section of docs/api.md */
function pathOf({ endpoint, operations }: EndpointContract, section: string) {
  const written = { examples: examplesOf(section), fields: fieldTexts(section) };
  const methods = METHODS.flatMap((method) => {
    const operation = operations[method];
    const spec = endpoint.methods[method];
    if (!operation || !spec) return [];
    return [[method.toLowerCase(), operationOf(endpoint.name, method, operation, spec, written)]];
  });
  return Object.fromEntries(methods);
}

function operationOf(
  name: string,
  method: Method,
  operation: OperationContract,
  spec: MethodSpec<Services>,
  { examples, fields }: Written,
) {
  const { summary, description } = operation;
  const answers = examples.flatMap((example) =>
    example.kind === 'answer' && !example.isShortened ? [example.value] : [],
  );
  return {
    operationId: `${method.toLowerCase()}-${name}`,
    tags: [name],
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(operation.access ?? spec.access),
    parameters: [...parametersOf(spec.query), ...headerParametersOf(operation)],
    ...(spec.body && {
      requestBody: requestBodyOf(operation, spec, method, { examples, fields }),
    }),
    responses: answersOf(operation, spec, answers),
  };
}

function securityOf(access: MethodSpec<Services>['access'] | readonly Access[]) {
  if (typeof access === 'function') throw new Error('The contract does not say who may call it.');
  const all = typeof access === 'string' ? [access] : access;
  return all.map((one) => (one === 'none' ? {} : { [SCHEME]: [one] }));
}

function requestBodyOf(
  { requestBody }: OperationContract,
  { body }: MethodSpec<Services>,
  method: Method,
  { examples, fields }: Written,
) {
  const schema = requestBody ?? body;
  if (!schema) return undefined;
  const requests = examples.flatMap((example) =>
    example.kind === 'request' && example.method === method && example.body !== undefined
      ? [example.body]
      : [],
  );
  const jsonSchema = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const named = requests.map((value, index) => [`example${index + 1}`, { value }]);
  return {
    required: !schema.safeParse({}).success,
    content: {
      'application/json': {
        schema: withTexts(publishedInput(jsonSchema), fields),
        ...(named.length > 0 && { examples: Object.fromEntries(named) }),
      },
    },
  };
}

/** What docs/api.md has on an endpoint. */
interface Written {
  readonly examples: readonly ApiExample[];
  readonly fields: ReadonlyMap<string, string>;
}

function withTexts(schema: JsonSchema, texts: Written['fields']): JsonSchema {
  if (!isSchema(schema.properties)) return schema;
  const properties = Object.entries(schema.properties).map(([name, field]) => {
    const options = isSchema(field) && name === 'options' ? withInnerTexts(field, texts) : field;
    return [name, isSchema(options) ? described(options, name, texts) : options];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** Fields of `options` are written as `options.whseid`. */
function withInnerTexts(field: JsonSchema, texts: Written['fields']): JsonSchema {
  const inner = new Map(
    [...texts].flatMap(([name, text]) =>
      name.startsWith('options.') ? [[name.slice('options.'.length), text] as const] : [],
    ),
  );
  if (!Array.isArray(field.anyOf)) return withTexts(field, inner);
  return {
    ...field,
    anyOf: field.anyOf.map((one) => (isSchema(one) ? withTexts(one, inner) : one)),
  };
}

function described(object: JsonSchema, name: string, texts: Written['fields']): JsonSchema {
  const text = texts.get(name);
  return text === undefined || 'description' in object ? object : { description: text, ...object };
}

/** Inputs are published already: only what answers consist of is opened. */
function published(document: object): JsonSchema {
  const { paths, components, ...rest } = document as JsonSchema;
  const opened = isSchema(components) ? publishedAnswer(components) : {};
  return { ...rest, paths: openResponses(paths), components: opened };
}

function openResponses(paths: unknown): unknown {
  if (!isSchema(paths)) return paths;
  const path = ([address, methods]: [string, unknown]) => {
    const operations = Object.entries(isSchema(methods) ? methods : {});
    return [address, Object.fromEntries(operations.map(([name, one]) => [name, open(one)]))];
  };
  return Object.fromEntries(Object.entries(paths).map(path));
}

function open(operation: unknown): unknown {
  if (!isSchema(operation) || !isSchema(operation.responses)) return operation;
  return { ...operation, responses: publishedAnswer(operation.responses) };
}
