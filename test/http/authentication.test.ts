import { describe, expect, it } from 'vitest';
import {
  DEPLOYED_URL,
  type Environment,
  exchange,
  LOCAL_URL,
  READ_TOKEN,
  type Sent,
  TOKEN,
} from './served.js';

const post = (sent: Sent = {}): Sent => ({
  method: 'POST',
  body: '{}',
  headers: { 'content-type': 'application/json' },
  ...sent,
});
const closed = { API_TOKEN: TOKEN };
const both = { API_TOKEN: TOKEN, API_READ_TOKEN: READ_TOKEN };

describe('authentication', () => {
  it.each<[string, Environment, Sent, number, string | undefined]>([
    // Nothing is set.
    ['is shut on a site without a token', {}, {}, 503, 'API_TOKEN_UNSET'],
    ['is shut there for changes too', {}, post(), 503, 'API_TOKEN_UNSET'],
    ['is shut there whatever token is sent', {}, { token: TOKEN }, 503, 'API_TOKEN_UNSET'],
    [
      'is shut where only the read token is set',
      { API_READ_TOKEN: READ_TOKEN },
      { token: READ_TOKEN },
      503,
      'API_TOKEN_UNSET',
    ],
    [
      'is shut where the token is blank',
      { API_TOKEN: '  ' },
      { token: '  ' },
      503,
      'API_TOKEN_UNSET',
    ],
    // A token is set.
    ['opens for the token', closed, { token: TOKEN }, 200, undefined],
    ['opens for changes', closed, post({ token: TOKEN }), 201, undefined],
    ['is shut without a token', closed, {}, 401, 'NOT_AUTHORIZED'],
    ['is shut for a wrong token', closed, { token: 'wrong' }, 401, 'NOT_AUTHORIZED'],
    [
      'is shut for the beginning of the token',
      closed,
      { token: TOKEN.slice(0, -1) },
      401,
      'NOT_AUTHORIZED',
    ],
    ['is shut for more than the token', closed, { token: `${TOKEN}x` }, 401, 'NOT_AUTHORIZED'],
    [
      'is shut for the token in capitals',
      closed,
      { token: TOKEN.toUpperCase() },
      401,
      'NOT_AUTHORIZED',
    ],
    [
      'is shut for a token of any length',
      closed,
      { token: 'x'.repeat(8_000) },
      401,
      'NOT_AUTHORIZED',
    ],
    [
      'is shut for another scheme',
      closed,
      { headers: { authorization: `Basic ${TOKEN}` } },
      401,
      'NOT_AUTHORIZED',
    ],
    [
      'is shut for the bare token',
      closed,
      { headers: { authorization: TOKEN } },
      401,
      'NOT_AUTHORIZED',
    ],
    [
      'is shut for an empty token',
      closed,
      { headers: { authorization: 'Bearer ' } },
      401,
      'NOT_AUTHORIZED',
    ],
    [
      'is shut for a token in the address',
      closed,
      { url: `${LOCAL_URL}?token=${TOKEN}` },
      401,
      'NOT_AUTHORIZED',
    ],
    [
      'minds no case of the scheme',
      closed,
      { headers: { authorization: `bearer ${TOKEN}` } },
      200,
      undefined,
    ],
    // A read token too.
    ['lets the read token read', both, { token: READ_TOKEN }, 200, undefined],
    ['lets it change nothing', both, post({ token: READ_TOKEN }), 403, 'FORBIDDEN'],
    ['lets the write token read as well', both, { token: TOKEN }, 200, undefined],
    [
      'is shut for the read token where none is set',
      closed,
      { token: READ_TOKEN },
      401,
      'NOT_AUTHORIZED',
    ],
    // The site has a gate of its own.
    [
      'stands open where that is said',
      { API_AUTH: 'none' },
      post({ url: DEPLOYED_URL }),
      201,
      undefined,
    ],
    ['stands open there with a token set', { ...closed, API_AUTH: 'none' }, {}, 200, undefined],
    ['is shut for any other word', { API_AUTH: 'open' }, {}, 503, 'SETTING_INVALID'],
    // A local runtime.
    ['stands open under netlify dev', { NETLIFY_DEV: 'true' }, post(), 201, undefined],
    ['stands open under another local runtime', { NETLIFY_LOCAL: 'true' }, {}, 200, undefined],
    [
      'stands open at 127.0.0.1',
      { NETLIFY_DEV: 'true' },
      { url: 'http://127.0.0.1:8888/x' },
      200,
      undefined,
    ],
    [
      'stands open at [::1]',
      { NETLIFY_DEV: 'true' },
      { url: 'http://[::1]:8888/x' },
      200,
      undefined,
    ],
    [
      'is shut there for a token that was set',
      { ...closed, NETLIFY_DEV: 'true' },
      {},
      401,
      'NOT_AUTHORIZED',
    ],
    ['is shut where that is denied', { NETLIFY_DEV: 'false' }, {}, 503, 'API_TOKEN_UNSET'],
    [
      'is shut at an address of the network',
      { NETLIFY_DEV: 'true' },
      { url: 'http://192.168.1.2:8888/x' },
      503,
      'API_TOKEN_UNSET',
    ],
    ['is shut at a name', { NETLIFY_DEV: 'true' }, { url: DEPLOYED_URL }, 503, 'API_TOKEN_UNSET'],
    [
      'is shut at a name that only begins like this machine',
      { NETLIFY_DEV: 'true' },
      { url: 'http://127.0.0.1.evil.example/x' },
      503,
      'API_TOKEN_UNSET',
    ],
    // What is open to anybody.
    ['is no matter to what is open', {}, { url: `${DEPLOYED_URL}?open=1` }, 200, undefined],
  ])('%s', async (_name, environment, sent, status, code) => {
    const answer = await exchange(sent, environment);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  });

  it.each([
    'evil.example',
    'evil.example:8888',
    'localhost.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
    '0.0.0.0',
    'not a host',
  ])('is shut under a local runtime for a page that calls it %s', async (host) => {
    const { status, body } = await exchange({ headers: { host } }, { NETLIFY_LOCAL: 'true' });
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'API_TOKEN_UNSET' });
  });

  it.each(['localhost', 'localhost:8888', '127.0.0.1:8888', '[::1]:8888', 'app.localhost'])(
    'stands open under a local runtime for %s',
    async (host) => {
      expect((await exchange({ headers: { host } }, { NETLIFY_LOCAL: 'true' })).status).toBe(200);
    },
  );

  it('is shut before anything of the request is looked at', async () => {
    const { status } = await exchange(post({ body: 'no JSON' }), closed);
    expect(status).toBe(401);
  });

  it('tells a wrong token nothing about the right one', async () => {
    const answers = await Promise.all(
      ['x', TOKEN.slice(1), READ_TOKEN].map((token) => exchange({ token }, closed)),
    );
    const bodies = answers.map(({ body: { requestId: _r, timestamp: _t, ...rest } }) => rest);
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(JSON.stringify(bodies)).not.toContain(TOKEN);
  });

  it('refuses two tokens that are the same, since who may read might write', async () => {
    const { status, body } = await exchange(
      { token: TOKEN },
      { API_TOKEN: TOKEN, API_READ_TOKEN: TOKEN },
    );
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'SETTING_INVALID' });
    expect(JSON.stringify(body)).not.toContain(TOKEN);
  });
});
