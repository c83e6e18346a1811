import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../dev/docs/errors.js';
import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.js';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const source = await readFile('src/errors/codes.ts', 'utf8');

describe('the page of the error codes', () => {
  it('is up to date (npm run docs)', async () => {
    expect(await readFile('docs/errors.md', 'utf8')).toBe(errorsPage(source, codes));
  });

  it('has one row a code', () => {
    const rows = [...errorsPage(source, codes).matchAll(/^\| `([A-Z_]+)` \|/gm)];
    expect(rows.map(([, code]) => code)).toEqual(codes);
  });

  it('is not made while a code stands in no group', () => {
    expect(() => errorsPage(source.replace('// The request', ''), codes)).toThrow(
      'In no group: VALIDATION_FAILED',
    );
  });
});
