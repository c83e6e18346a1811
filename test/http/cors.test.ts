import { describe, expect, it } from 'vitest';
import { type Environment, exchange, READ_TOKEN, type Sent, TOKEN } from './served.js';

const SITE = 'https://app.example.com';
const closed = { API_TOKEN: TOKEN };
const NAMES = [
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
  'access-control-max-age',
  'vary',
];

async function corsOf(sent: Sent, environment: Environment = closed) {
  const { headers } = await exchange(
    { ...sent, headers: { origin: SITE, ...sent.headers } as Record<string, string> },
    environment,
  );
  return Object.fromEntries(NAMES.map((name) => [name, headers.get(name)]));
}

describe('the CORS headers', () => {
  it.each<[string, Sent]>([
    ['a success', { token: TOKEN }],
    ['a refusal at the door', {}],
    ['a name that means nothing', { url: 'http://localhost/x?nope=1', token: TOKEN }],
    ['a field that stands twice', { url: 'http://localhost/x?name=1&name=2', token: TOKEN }],
    ['something that is not found', { method: 'PUT', token: TOKEN }],
    ['a method that does not exist', { method: 'DELETE', token: TOKEN }],
    [
      'a body that is no JSON',
      { method: 'POST', token: TOKEN, body: '{', headers: { 'content-type': 'application/json' } },
    ],
    ['a preflight', { method: 'OPTIONS' }],
  ])('are the same on %s', async (_name, sent) => {
    expect(await corsOf(sent)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers':
        'Authorization, Content-Type, Cache-Control, Pragma, X-Request-Id, If-Match, Idempotency-Key',
      'access-control-expose-headers':
        'ETag, Location, Retry-After, Allow, X-Request-Id, Idempotent-Replayed',
      'access-control-max-age': '86400',
      vary: 'Origin, Accept',
    });
  });

  it.each<[string, Environment, string, string | null]>([
    ['any page, where a token is asked for', closed, SITE, '*'],
    ['a listed page', { ...closed, ALLOWED_ORIGINS: `https://other.example, ${SITE}` }, SITE, SITE],
    ['a listed page, written with a slash', { ...closed, ALLOWED_ORIGINS: `${SITE}/` }, SITE, SITE],
    [
      'no page that is not listed',
      { ...closed, ALLOWED_ORIGINS: 'https://other.example' },
      SITE,
      null,
    ],
    ['no page on another port', { ...closed, ALLOWED_ORIGINS: SITE }, `${SITE}:8443`, null],
    [
      'no page by another scheme',
      { ...closed, ALLOWED_ORIGINS: SITE },
      'http://app.example.com',
      null,
    ],
    [
      'no page below a listed name',
      { ...closed, ALLOWED_ORIGINS: SITE },
      'https://x.app.example.com',
      null,
    ],
    ['no page without an origin', { ...closed, ALLOWED_ORIGINS: SITE }, 'null', null],
    ['any page, where that is said', { ...closed, ALLOWED_ORIGINS: '*' }, SITE, '*'],
    ['no foreign page, where no token is asked for', { API_AUTH: 'none' }, SITE, null],
    [
      'a page of this machine, where no token is asked for',
      { API_AUTH: 'none' },
      'http://localhost:3000',
      'http://localhost:3000',
    ],
    [
      'a page of this machine, under a local runtime',
      { NETLIFY_DEV: 'true' },
      'http://127.0.0.1:5173',
      'http://127.0.0.1:5173',
    ],
    [
      'no foreign page, under a local runtime that a read token leaves open',
      { NETLIFY_DEV: 'true', API_READ_TOKEN: READ_TOKEN },
      SITE,
      null,
    ],
    [
      'a listed page, where no token is asked for',
      { API_AUTH: 'none', ALLOWED_ORIGINS: SITE },
      SITE,
      SITE,
    ],
  ])('let %s read an answer', async (_name, environment, origin, allowed) => {
    const headers = await corsOf({ token: TOKEN, headers: { origin } }, environment);
    expect(headers['access-control-allow-origin']).toBe(allowed);
  });

  it.each<[string, Environment, string]>([
    [
      'whose settings can not be read',
      { ...closed, ALLOWED_ORIGINS: 'not an origin' },
      'SETTING_INVALID',
    ],
    ['without a token', {}, 'API_TOKEN_UNSET'],
  ])('let any page read what is wrong with a site %s', async (_what, environment, expected) => {
    expect((await corsOf({ token: TOKEN }, environment))['access-control-allow-origin']).toBe('*');
    const { status, body } = await exchange({ token: TOKEN }, environment);
    expect({ status, code: body.code }).toEqual({ status: 503, code: expected });
  });

  it('come without asking for a token, since a preflight carries none', async () => {
    const { status, text } = await exchange({ method: 'OPTIONS' }, {});
    expect({ status, text }).toEqual({ status: 204, text: '' });
  });
});
