import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../dev/docs/errors.js';
import { licencesPage } from '../../dev/docs/licences.js';
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

describe('the page of licences', () => {
  it('is up to date (npm run docs)', async () => {
    const lock = await readFile('package-lock.json', 'utf8');
    expect(await readFile('docs/licences.md', 'utf8')).toBe(licencesPage(lock));
  });

  it('lists what a deploy installs, and nothing else', () => {
    const packages = {
      '': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', license: 'MIT' },
      'node_modules/b/node_modules/@s/a': { version: '1.0.0', license: 'ISC' },
      'node_modules/c': { version: '1.0.0', license: 'MIT', dev: true },
    };
    const rows = licencesPage(JSON.stringify({ packages })).match(/^\| .+ \|$/gm);
    expect(rows?.slice(1)).toEqual(['| @s/a | 1.0.0 | ISC |', '| b | 2.0.0 | MIT |']);
  });

  it('is not made while a package names no licence', () => {
    const lock = JSON.stringify({ packages: { 'node_modules/b': { version: '2.0.0' } } });
    expect(() => licencesPage(lock)).toThrow('b names no licence');
  });
});
