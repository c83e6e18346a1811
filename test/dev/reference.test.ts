import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { referencePage } from '../../dev/docs/reference/page.js';

const document = JSON.parse(await readFile('docs/openapi.json', 'utf8'));
const page = await readFile('public/docs/index.html', 'utf8');

describe('the reference page', () => {
  it('is up to date (npm run docs)', () => {
    expect(page === referencePage(document)).toBe(true);
  });

  it('has every operation and schema, and no link that leads nowhere', () => {
    const ids = new Set([...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
    const methods = Object.values<Record<string, { operationId: string }>>(document.paths);
    const operations = methods.flatMap((one) => Object.values(one).map((o) => o.operationId));
    const schemas = Object.keys(document.components.schemas).map((name) => `schema-${name}`);
    expect([...operations, ...schemas].filter((id) => !ids.has(id))).toEqual([]);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  });

  it('is small', async () => {
    const style = await readFile('public/docs/reference.css', 'utf8');
    expect(gzipSync(page + style).byteLength).toBeLessThan(60_000);
  });

  it('shows whatever the document holds as text', () => {
    const hostile = `</code><script src="/x.js">alert('1')</script>\`<b onclick="x">\`"'&`;
    const field = { type: 'string', description: hostile, enum: [hostile], pattern: hostile };
    const schema = { type: 'object', description: hostile, properties: { [hostile]: field } };
    const json = { 'application/json': { schema, example: { [hostile]: hostile } } };
    const text = referencePage({
      info: { title: hostile, version: hostile, description: hostile },
      paths: {
        [`/${hostile}`]: {
          [hostile]: {
            ...{ operationId: hostile, summary: hostile, description: hostile },
            parameters: [{ name: hostile, description: hostile, schema: field }],
            requestBody: { content: json },
            responses: { [hostile]: { description: hostile, content: json } },
          },
        },
      },
      components: { schemas: { [hostile]: schema } },
    });
    expect(text).not.toMatch(/<script|<b onclick|alert\('/);
    // Nothing closes an attribute early.
    expect(text.match(/="[^"]*"(?![\s>])/g)).toBeNull();
  });
});
