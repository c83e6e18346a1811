import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError, toStoredError } from '../../src/errors/app-error.js';
import {
  excerpt,
  keepSecret,
  withoutSecrets,
  withoutSecretsIn,
} from '../../src/security/outside-text.js';
import { SECRETS } from '../ion/credentials.js';

const TOKEN = 'the+token/of=today';
keepSecret(TOKEN, ...Object.values(SECRETS));

describe('an excerpt', () => {
  test.each([
    ['plain text', 'plain text'],
    ['', ''],
    ['<html><style>p {}</style><h1>Bad\n  Gateway</h1></html>', 'Bad Gateway'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer [secret]'],
    ['{"access_token":"abc","x":1}', '{"access_token":[secret],"x":1}'],
    ['grant_type=password&password=abc&x=1', 'grant_type=password&password=[secret]&x=1'],
    ['token eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.sig ended', 'token [secret] ended'],
  ])('of %j is %j', (text, expected) => {
    expect(excerpt(text)).toBe(expected);
  });

  test('has 300 characters at most', () => {
    expect(excerpt('x'.repeat(300))).toHaveLength(300);
    expect(excerpt('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
  });

  test('holds no secret, in no spelling and at no place', () => {
    const spellings = [TOKEN, ...Object.values(SECRETS)].flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([['k', secret]]).toString(),
      JSON.stringify(secret),
    ]);
    fc.assert(
      fc.property(
        fc.string({ maxLength: 320 }),
        fc.constantFrom(...spellings),
        fc.string(),
        (before, secret, after) => {
          const shown = excerpt(`${before}${secret}${after}`);
          expect(shown).not.toMatch(/hush|the\+token/);
        },
      ),
    );
  });
});

describe('a text of somebody else', () => {
  test('shows no secret where it is cut', () => {
    for (const at of [8_150, 8_190, 4_000, 4_090]) {
      const text = `${'<b>'.repeat(at / 3)}${SECRETS.clientSecret.repeat(300)}`;
      expect(excerpt(text)).not.toContain('hush');
      expect(withoutSecrets('x'.repeat(at) + SECRETS.clientSecret.repeat(9), 9_000)).not.toContain(
        'hush',
      );
    }
  });

  test('shows no part of a secret at its end, however much before it is blotted out', () => {
    const secret = 'a-hush-that-is-longer-than-what-stands-for-it';
    keepSecret(secret);
    for (let at = 0; at < secret.length; at++) {
      expect(withoutSecrets(`${'x'.repeat(at)}${secret.repeat(300)}`, 9_000)).not.toContain('hush');
    }
  });

  test.each([
    ['percent-encoding in small letters', 'ab%2fcd%2bef%3d%26gh%27%3c'],
    ["JSON with .NET's escapes", 'ab/cd\\u002Bef=\\u0026gh\\u0027\\u003C'],
    ['JSON with escaped slashes', "ab\\/cd+ef=&gh'<"],
    ['HTML', 'ab/cd+ef=&amp;gh&#39;&lt;'],
    ['base64', Buffer.from("ab/cd+ef=&gh'<").toString('base64')],
  ])('shows no secret in %s', (_name, spelling) => {
    keepSecret("ab/cd+ef=&gh'<");
    expect(withoutSecrets(`it was ${spelling}.`, 300)).toBe('it was [secret].');
  });

  test('shows no secret by its name, as a list or a number either', () => {
    const error = { headers: { 'set-cookie': ['sid=hush'] }, auth: { password: 123_456 } };
    expect(withoutSecretsIn(error, 300)).toEqual({
      headers: { 'set-cookie': '[secret]' },
      auth: { password: '[secret]' },
    });
  });

  test.each([
    ['mongodb://user:word@host/db', 'mongodb://[secret]@host/db'],
    ['saak=abc#def, sask: "x y"', 'saak=[secret], sask: [secret]'],
    ["client_secret: 'a b' failed", 'client_secret: [secret] failed'],
    ['the api_key=1234&x', 'the api_key=[secret]&x'],
  ])('%j becomes %j', (text, expected) => {
    expect(withoutSecrets(text, 300)).toBe(expected);
  });

  test('ends with a whole character', () => {
    expect(withoutSecrets('💡'.repeat(10), 6)).toBe('💡💡…');
  });

  test.each(['<', '<script', 'eyJ', 'Bearer ', 'a://', '"password":"', ' '])(
    'of ten million characters, all %j, is short in no time',
    (part) => {
      const text = part.repeat(10_000_000 / part.length);
      expect(excerpt(text).length).toBeLessThanOrEqual(300);
    },
  );
});

describe('an error', () => {
  test('is short and holds no secret, whatever it was made of', () => {
    const secret = SECRETS.secretKey;
    const details = Array.from({ length: 70 }, (_, i) => ({
      field: `options.${i}`,
      message: `${secret} ${'long '.repeat(1_000)}`,
      inner: { deep: [secret] },
      line: i,
    }));
    const error = new AppError('LAKE_QUERY_FAILED', `no: ${secret}${'x'.repeat(9_000_000)}`, {
      details,
    });
    const text = JSON.stringify(toStoredError(error));
    expect(text).not.toContain(secret);
    expect(text.length).toBeLessThan(50_000);
    expect(error.details).toHaveLength(51);
    expect(error.details.at(-1)).toEqual({ message: 'and 20 more' });
    expect(error.details[3]).toMatchObject({ line: 3, inner: '{"deep":["[secret]"]}' });
  });
});
