import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createExcerpt } from '../../src/ion/excerpt.js';
import { credentialsFor, SECRETS } from './credentials.js';

const excerpt = createExcerpt(credentialsFor('https://h'));

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
    const token = 'the+token/of=today';
    const spellings = [token, ...Object.values(SECRETS)].flatMap((secret) => [
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
          const shown = excerpt(`${before}${secret}${after}`, token);
          expect(shown).not.toMatch(/hush|the\+token/);
        },
      ),
    );
  });
});
