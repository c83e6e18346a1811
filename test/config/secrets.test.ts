import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/environment.js';
import { withoutSecrets } from '../../src/security/outside-text.js';

const random = () => randomBytes(24).toString('hex');
const shown = (secret: string) => withoutSecrets(`it was ${secret}.`, 300);

describe('no text shows', () => {
  it('a secret of the environment, however many tokens stand beside it', () => {
    const secret = random();
    const tokens = Array.from({ length: 100 }, (_, index) => `n${index}:${random()}`);
    readSettings({ ION_CLIENT_SECRET: secret, API_TOKEN: tokens.join(',') });
    for (const one of [secret, ...tokens.map((token) => token.split(':')[1] ?? '')]) {
      expect(shown(one)).toBe('it was [secret].');
    }
  });

  it('a token that is too short to be accepted', () => {
    const [short, named] = [random().slice(0, 12), random().slice(0, 12)];
    const API_TOKEN = `${short},ops:${named},${random()}`;
    readSettings({ URL: 'https://site.example', API_TOKEN });
    for (const one of [short, named]) expect(shown(one)).toBe('it was [secret].');
  });

  it.each([
    ['proxyPassword=SECRET', 'the password of a proxy'],
    ['x=1&tlsCertificateKeyFilePassword=SECRET&y=2', "the password of a key's file"],
    ['authMechanismProperties=a:b,AWS_SESSION_TOKEN:SECRET', 'a session token'],
  ])('what %s has of the connection string: %s', (options) => {
    const secret = `${random()}/+`;
    const query = options.replace('SECRET', encodeURIComponent(secret));
    readSettings({ MONGODB_URI: `mongodb://host.example/wms?${query}` });
    for (const one of [secret, encodeURIComponent(secret)]) {
      expect(shown(one)).toBe('it was [secret].');
    }
  });
});
