import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openapiDocument } from '../../dev/docs/openapi/document.js';
import { listSources } from '../../dev/runtime/functions/sources.js';
import { CONTRACTS } from '../../src/contract/contract.js';

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
