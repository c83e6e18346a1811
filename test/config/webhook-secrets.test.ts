import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/config/environment.js';
import { withoutSecrets } from '../../src/security/outside-text.js';

const secret = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`;
const secretsIn = (value: string) => readSettings({ ALERT_WEBHOOK_SECRET: value }).webhookSecrets;
const keysIn = (value: string) =>
  secretsIn(value)?.keys.map((key) => `whsec_${Buffer.from(key).toString('base64')}`);

describe('ALERT_WEBHOOK_SECRET', () => {
  test.each(['', '  ', '""', "' '"])('counts as unset where it is %j', (value) => {
    expect(secretsIn(value)).toBeUndefined();
  });

  test.each([24, 25, 26, 32, 63, 64])('can have %s bytes', (bytes) => {
    const one = secret(bytes);
    expect(keysIn(one)).toEqual([one]);
    expect(secretsIn(one)).not.toHaveProperty('problem');
  });

  test('can be several, each once, with blanks and quotes around them', () => {
    const [old, next] = [secret(24), secret(64)];
    expect(keysIn(` "${next} , ${old},,'${next}'," \n`)).toEqual([next, old]);
    expect(secretsIn(`${next},${old}`)).not.toHaveProperty('problem');
  });

  const bytes = randomBytes(33);
  test.each([
    ['no prefix', bytes.toString('base64')],
    ['another prefix', `WHSEC_${bytes.toString('base64')}`],
    ['another prefix', `whsk_${bytes.toString('base64')}`],
    ['too few bytes', secret(23)],
    ['too many bytes', secret(65)],
    ['no bytes', 'whsec_'],
    ['hexadecimal digits of an odd length', `whsec_${bytes.toString('hex')}a`],
    ['the alphabet of URLs', `whsec_${Buffer.alloc(32, 255).toString('base64url')}`],
    ['no padding', secret(32).replace('=', '')],
    ['too much padding', `${secret(32)}=`],
    ['a blank in it', secret(32).replace(/(.{20})/, '$1 ')],
    ['only a comma', ','],
  ])('with %s can not be used, which costs webhooks only and shows no value', (_what, value) => {
    const settings = readSettings({ ALERT_WEBHOOK_SECRET: value, API_TOKEN: 'the-token' });
    expect(settings.apiTokens).toHaveLength(1);
    const { keys, problem } = settings.webhookSecrets ?? {};
    expect(keys).toEqual([]);
    expect(problem).toMatchObject({
      code: 'SETTING_INVALID',
      message: expect.stringContaining('ALERT_WEBHOOK_SECRET'),
      details: [{ field: 'ALERT_WEBHOOK_SECRET' }],
    });
    const shown = JSON.stringify([problem, problem?.message, problem?.details]);
    for (const part of value.replace(/^\w+?_/, '').match(/.{8}/g) ?? []) {
      expect(shown).not.toContain(part);
    }
  });

  test('of which one value can not be used signs with the others, and names its place', () => {
    const [one, other] = [secret(), secret()];
    const { keys, problem } = secretsIn(`${one},whsec_short,${other}`) ?? {};
    expect(keys).toHaveLength(2);
    expect(problem?.details).toEqual([
      { field: 'ALERT_WEBHOOK_SECRET', message: expect.stringMatching(/\b2 of 3\b/) },
    ]);
  });

  test('is never shown in a text of somebody else, whole or in parts, malformed or not', () => {
    const [one, other, bad] = [secret(), secret(), `${secret(32)}=`];
    const value = `${one},${other},${bad}`;
    secretsIn(value);
    for (const text of [value, one, other, bad, one.slice(6), other.slice(6), bad.slice(6)]) {
      expect(withoutSecrets(`a ${text} b ${encodeURIComponent(text)}`, 1_000)).toMatch(
        /^a \[secret\](,\[secret\])* b \[secret\](%2C\[secret\])*$/,
      );
    }
  });
});
