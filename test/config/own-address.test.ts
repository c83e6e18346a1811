import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/config/environment.js';
import { ownAddress } from '../../src/config/own-address.js';

const NETLIFY = { URL: 'https://www.shop.example/', SITE_NAME: 'shop' };
const addressOf = (request: string, env: Record<string, string> = NETLIFY) =>
  ownAddress(`${request}/.netlify/functions/x`, readSettings(env));

describe('the address at which a deploy reaches itself', () => {
  test.each([
    ['the main address', 'https://www.shop.example', 'https://www.shop.example'],
    ['the netlify.app subdomain', 'https://shop.netlify.app', 'https://shop.netlify.app'],
    [
      'a deploy preview, not the production site',
      'https://deploy-preview-7--shop.netlify.app',
      'https://deploy-preview-7--shop.netlify.app',
    ],
    ['a branch over http', 'http://dev--shop.netlify.app', 'https://dev--shop.netlify.app'],
  ])('is that of the request: %s', (_, request, expected) => {
    expect(addressOf(request)).toBe(expected);
  });

  test.each([
    'https://evil.example',
    'https://shop.netlify.app.evil.example',
    'https://evil-shop.netlify.app',
    'https://other.netlify.app',
    'https://evil.example--shop.netlify.app',
    'https://shop.netlify.app:8443',
    'https://www.shop.example:8443',
    'http://localhost',
  ])('is never a host that is not ours: %s', (forged) => {
    expect(addressOf(forged)).toBe('https://www.shop.example');
  });

  test('is that of the deploy where the platform names it', () => {
    const env = { ...NETLIFY, DEPLOY_PRIME_URL: 'https://preview.shop.example' };
    expect(addressOf('https://preview.shop.example', env)).toBe('https://preview.shop.example');
  });

  test('is this machine under a local runtime, or where the platform names no address', () => {
    const local = 'http://localhost:8888';
    expect(addressOf(local, {})).toBe(local);
    expect(addressOf(local, { ...NETLIFY, NETLIFY_DEV: 'true' })).toBe(local);
  });

  test('is not known where nothing names it', () => {
    expect(addressOf('https://shop.netlify.app', {})).toBeUndefined();
    expect(addressOf('https://x.netlify.app', { SITE_NAME: '.*' })).toBeUndefined();
  });
});
