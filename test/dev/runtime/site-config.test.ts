import { expect, test } from 'vitest';
import { parseSiteConfig, readSiteConfig } from '../../../dev/runtime/site/site-config.js';

test('Our own netlify.toml is read', async () => {
  expect(await readSiteConfig('.')).toEqual({
    publish: 'public',
    functionsDirectory: 'netlify/functions',
    includedFiles: [expect.stringContaining('generator-function')],
    redirects: [{ from: '/api/*', to: '/.netlify/functions/:splat', status: 200 }],
    headers: [
      { for: '/*', values: expect.objectContaining({ 'X-Frame-Options': 'DENY' }) },
      {
        for: '/client/*',
        values: expect.objectContaining({ 'Access-Control-Allow-Origin': '*' }),
      },
      {
        for: '/client/datalake-sync.d.ts',
        values: { 'Content-Type': 'text/plain; charset=utf-8' },
      },
    ],
  });
});

const REST = '[functions]\ndirectory = "f"\n[[redirects]]\nfrom = "/a/*"\nto = "/b/:splat"\n';

test('Without publish the root is served, as on Netlify', () => {
  expect(parseSiteConfig(REST)).toMatchObject({ publish: '.', includedFiles: [] });
});

test('A key under [dev] is not taken for the one under [build]', () => {
  expect(parseSiteConfig(`[dev]\npublish = "x"\n${REST}`).publish).toBe('.');
});

test('What is written in any form of TOML is read', () => {
  const toml = `build.publish = 'site' # not the root
[functions]
directory = """f"""
[[headers]]
for = "/*"
  [headers.values]
  "X-One" = "1"
[[redirects]]
from = "/a"
to = "/b"
conditions = { Language = ["de"] }
[[redirects]]
from = "/c"
to = "/d"
`;
  expect(parseSiteConfig(toml)).toMatchObject({
    publish: 'site',
    functionsDirectory: 'f',
    headers: [{ for: '/*', values: { 'X-One': '1' } }],
    redirects: [{ from: '/a', conditions: { Language: ['de'] } }, { from: '/c' }],
  });
});

test('What is not set has the default of Netlify', () => {
  expect(parseSiteConfig('')).toEqual({
    ...{ publish: '.', functionsDirectory: 'netlify/functions' },
    ...{ includedFiles: [], redirects: [], headers: [] },
  });
});

test.each([
  ['[build]\npublish = 1', 'build.publish: should be a string'],
  ['[functions]\nincluded_files = "x"', 'functions.included_files: should be a list of strings'],
  ['[build]\npublish = ', 'netlify.toml, line 2: '],
])('%j is refused, naming the place', (toml, message) => {
  expect(() => parseSiteConfig(toml)).toThrow(message);
});
