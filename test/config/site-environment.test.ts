import { expect, it } from 'vitest';
import { siteEnvironment } from '../../src/config/site-environment.js';

const SITE = {
  ...{ siteUrl: 'https://sync.example.com', deployUrls: [], siteName: 'datalake' },
  local: false,
};

it.each([
  ['https://sync.example.com', {}, 'production'],
  ['https://datalake.netlify.app', {}, 'production'],
  ['https://deploy-preview-7--datalake.netlify.app', {}, 'preview'],
  ['https://main--datalake.netlify.app', {}, 'preview'],
  ['https://deploy-preview-7--datalake.netlify.app', { local: true }, 'local'],
  ['http://127.0.0.1:8888', { siteUrl: undefined }, 'local'],
  ['http://[::1]:8888', { siteUrl: undefined }, 'local'],
  // Nothing is known of the address: it may be what everybody works with.
  [undefined, { siteUrl: undefined, siteName: undefined }, 'production'],
])('at %s with %j it is %3$s', (url, own, environment) => {
  expect(siteEnvironment(url, { ...SITE, ...own })).toBe(environment);
});
