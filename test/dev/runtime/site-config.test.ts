import { expect, test } from 'vitest';
import { parseSiteConfig, readSiteConfig } from '../../../dev/runtime/site-config.js';

test('Our own netlify.toml is read', async () => {
  expect(await readSiteConfig('.')).toEqual({
    publish: 'public',
    functionsDirectory: 'netlify/functions',
    includedFiles: [expect.stringContaining('generator-function')],
    redirect: { from: '/api/*', to: '/.netlify/functions/:splat' },
  });
});

const REST = '[functions]\ndirectory = "f"\n[[redirects]]\nfrom = "/a/*"\nto = "/b/:splat"\n';

test('Without publish the root is served, as on Netlify', () => {
  expect(parseSiteConfig(REST)).toMatchObject({ publish: '.', includedFiles: [] });
});

test('A key under [dev] is not taken for the one under [build]', () => {
  expect(parseSiteConfig(`[dev]\npublish = "x"\n${REST}`).publish).toBe('.');
});

test('A missing key is named', () => {
  expect(() => parseSiteConfig('[build]\npublish = "x"')).toThrow('functions.directory');
});
