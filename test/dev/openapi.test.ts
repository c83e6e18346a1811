import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openapiDocument } from '../../dev/docs/openapi/document.js';
import { listSources } from '../../dev/runtime/functions/sources.js';
import { CONTRACTS } from '../../src/contract/contract.js';
import { expectedRevisions } from '../../src/http/entity-tag.js';
import { idempotencyKey } from '../../src/http/idempotency-key.js';

const api = await readFile('docs/api.md', 'utf8');
const published = await readFile('docs/openapi.json', 'utf8');

describe('docs/openapi.json', () => {
  it('is up to date (npm run docs)', () => {
    expect(published === `${JSON.stringify(openapiDocument(api), null, 1)}\n`).toBe(true);
  });

  it('leaves answers open and inputs closed', () => {
    const { paths, components } = JSON.parse(published);
    expect(JSON.stringify(components)).not.toContain('"additionalProperties":false');
    for (const methods of Object.values<Record<string, { responses: object }>>(paths)) {
      for (const { responses } of Object.values(methods)) {
        expect(JSON.stringify(responses)).not.toContain('"additionalProperties":false');
      }
    }
    const put = paths['/sync-config'].put.requestBody.content['application/json'].schema;
    expect(put.additionalProperties).toBe(false);
    const [whole, digits, blank] = put.properties.batchSize.anyOf;
    expect(whole).toMatchObject({ type: 'integer', minimum: 1 });
    expect(new RegExp(digits.pattern, 'u').test('3000')).toBe(true);
    expect(blank).toEqual({ enum: ['', null] });
    // Here the empty text is a value.
    expect(put.properties.description.anyOf.at(-1)).toEqual({ type: 'null' });
  });
});

describe('the published headers of requests', () => {
  const { paths } = JSON.parse(published);
  const isPublished = (method: string, name: string, header: string, value: string) => {
    const { parameters } = paths[name][method];
    const { schema } = parameters.find((one: { name: string }) => one.name === header);
    const isShort = schema.maxLength === undefined || value.length <= schema.maxLength;
    return isShort && new RegExp(schema.pattern, 'u').test(value);
  };
  const isRead = (read: (headers: Headers) => unknown, header: string, value: string) => {
    try {
      return read(new Headers({ [header]: value })) !== null;
    } catch {
      return false;
    }
  };
  const long = (length: number) => 'x'.repeat(length);

  it.each([
    ...[
      '*',
      '"7"',
      'W/"7"',
      'w/"7-df"',
      '"7", "8-df" ,W/"9"',
      ', "7",,',
      '""',
      '"\u00fc"',
      '7',
      '"7',
    ],
    ...['', ',', '"7" "8"', '"7", *', '**', 'W/7', '"a b"', `"${long(1_998)}"`, `"${long(1_999)}"`],
  ])('say of If-Match %j what is the case', (value) => {
    const isGood = isPublished('put', '/sync-config', 'If-Match', value);
    expect(isGood).toBe(isRead(expectedRevisions, 'if-match', value));
  });

  it.each([
    ...['k', '"k"', '"', '"k', '!~', '', '""', 'a b', '"a b"', '\u00fc', 'a,b'],
    ...[long(255), `"${long(255)}"`, long(256), `"${long(256)}"`],
  ])('say of Idempotency-Key %j what is the case', (value) => {
    const isGood = isPublished('post', '/sync-table', 'Idempotency-Key', value);
    expect(isGood).toBe(isRead(idempotencyKey, 'idempotency-key', value));
  });
});

describe('the contract', () => {
  it('has every function', () => {
    const names = listSources('netlify/functions')
      .map(({ name }) => name)
      // Answers no request.
      .filter((name) => name !== 'deploy-succeeded');
    expect(CONTRACTS.map(({ endpoint }) => endpoint.name).sort()).toEqual(names.sort());
  });

  it.each(CONTRACTS)('has every method of $endpoint.name', ({ endpoint, operations }) => {
    expect(Object.keys(operations)).toEqual(Object.keys(endpoint.methods));
  });
});
