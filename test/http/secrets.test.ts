import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { type SeenRequest, scriptedServer } from '../ion/scripted-server.js';
import { testDatabase } from '../support/database.js';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const SECRETS = {
  mongoUser: 'planted-mongo-user',
  mongoPassword: 'planted-mongo-password',
  apiToken: 'planted-api-token',
  readToken: 'planted-read-token',
  clientSecret: 'planted-client-secret/+=',
  accessKey: 'planted-access-key#1',
  secretKey: 'planted-secret-key&2',
  accessToken: 'planted-access-token',
  webhookSecret: randomBytes(32).toString('base64'),
};
/** Calls functions one after the other, each under its own environment, in a fresh process. */
const PROGRAM = `
  for (const { env, name, init } of JSON.parse(process.env.CALLS)) {
    Object.assign(process.env, env);
    const { default: { default: handle } } = await import('${PROJECT}netlify/functions/' + name + '.ts');
    const response = await handle(new Request('http://localhost/' + name, init), {});
    console.log('ANSWER ' + JSON.stringify([response.status, [...response.headers], await response.text()]));
  }
  process.exit(0);
`;

const { uri } = await testDatabase();
/** An Infor that says too much: it sends back whatever it was sent. */
const echo = await scriptedServer();
afterAll(() => echo.close());
const tell = ({ headers, body }: SeenRequest) => ({
  status: 400,
  body: {
    error: 'invalid_request',
    error_description: `You sent ${body} with ${headers.authorization?.split(' ')[1]}`,
  },
});
echo.respond = (request) =>
  request.path === '/TEST_TST/as/token.oauth2'
    ? { body: { access_token: SECRETS.accessToken, expires_in: 7200 } }
    : tell(request);

const base = {
  LOG_LEVEL: 'trace',
  API_TOKEN: SECRETS.apiToken,
  API_READ_TOKEN: SECRETS.readToken,
  ALERT_WEBHOOK_SECRET: `whsec_${SECRETS.webhookSecret}`,
  MONGODB_URI: uri,
  ION_TENANT: 'TEST_TST',
  ION_CLIENT_ID: 'TEST_TST~client',
  ION_CLIENT_SECRET: SECRETS.clientSecret,
  ION_API_URL: echo.url,
  ION_SSO_URL: `${echo.url}/TEST_TST/as/`,
  ION_SAAK: SECRETS.accessKey,
  ION_SASK: SECRETS.secretKey,
};
const post = (body: object, token = SECRETS.apiToken) => ({
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const sync = post({ tableId: 'taskdetail' });
const withPassword = `mongodb://${SECRETS.mongoUser}:${SECRETS.mongoPassword}`;
const CALLS = [
  { name: 'init-sync-config', init: post({}), env: base },
  { name: 'sync-table', init: post({ tableId: 'taskdetail' }, 'wrong'), env: base },
  { name: 'sync-table', init: post({ tableId: 'taskdetail' }, SECRETS.readToken), env: base },
  {
    name: 'sync-worker-background',
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-nf-client-connection-ip': '203.0.113.9' },
      body: 'x'.repeat(2_000),
    },
    env: base,
  },
  // The lake tells the token that it was sent.
  { name: 'sync-table', init: sync, env: base },
  // The authorisation server tells the secrets that it was sent.
  {
    name: 'sync-table',
    init: sync,
    // Another client, so that no token of the one above is at hand.
    env: { ...base, ION_CLIENT_ID: 'TEST_TST~2', ION_SSO_URL: `${echo.url}/elsewhere/as/` },
  },
  {
    name: 'sync-table',
    init: sync,
    env: { ...base, ION_API_URL: `http://${SECRETS.clientSecret}@x` },
  },
  {
    name: 'sync-table',
    init: sync,
    env: { ...base, MONGODB_URI: `${withPassword}@@db.example/x` },
  },
  {
    name: 'sync-table',
    init: sync,
    env: { ...base, MONGODB_URI: `${withPassword}@127.0.0.1:1/x` },
  },
  { name: 'sync-table', init: sync, env: { ...base, API_READ_TOKEN: SECRETS.apiToken } },
];

const { stdout, stderr } = await promisify(execFile)(
  process.execPath,
  ['--import', 'tsx', '--input-type=module', '-e', PROGRAM],
  { cwd: PROJECT, env: { PATH: process.env.PATH, CALLS: JSON.stringify(CALLS) } },
);
const lines = stdout.trim().split('\n');
const answers = lines
  .filter((line) => line.startsWith('ANSWER '))
  .map((line) => JSON.parse(line.slice('ANSWER '.length)) as [number, string[][], string]);
const logged = lines.filter((line) => !line.startsWith('ANSWER '));

describe('calls that fail in every part', () => {
  it('are answered with the code of that part', () => {
    const codes = answers.map(([status, , text]) => [status, JSON.parse(text).code]);
    expect(codes).toEqual([
      [200, undefined],
      [401, 'NOT_AUTHORIZED'],
      [403, 'FORBIDDEN'],
      [413, 'BODY_TOO_LARGE'],
      [502, 'LAKE_REFUSED'],
      [502, 'ION_AUTH_REFUSED'],
      [503, 'ION_CREDENTIALS_MALFORMED'],
      [503, 'MONGODB_URI_INVALID'],
      [503, 'MONGODB_UNREACHABLE'],
      [503, 'SETTING_INVALID'],
    ]);
  });

  it('are logged, one line of JSON each, with the id of the request', () => {
    expect(logged.length).toBeGreaterThan(CALLS.length);
    for (const line of logged) expect(JSON.parse(line)).toHaveProperty('msg');
    const ids = answers.map(([, headers]) => Object.fromEntries(headers)['x-request-id']);
    for (const id of ids.slice(0, -1)) expect(stdout).toContain(`"requestId":"${id}"`);
    expect(stderr).toBe('');
  });

  it('are logged with the address of a client that nobody knows, whatever it is refused for', () => {
    const refusal = logged.find((line) => line.includes('BODY_TOO_LARGE')) ?? '{}';
    expect(JSON.parse(refusal)).toMatchObject({ msg: 'refused', address: '203.0.113.9' });
  });

  it.each(Object.entries(SECRETS))(
    'show %s in no answer and no line of the log',
    (_name, secret) => {
      const spellings = [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      ];
      for (const spelling of spellings) expect(stdout.includes(spelling), spelling).toBe(false);
    },
  );

  it('show no stack, and no place in the program to a caller', () => {
    for (const [, , text] of answers) expect(text).not.toMatch(/\.ts:\d|\.js:\d|node_modules/);
    for (const line of logged) expect(line).not.toMatch(/\\n\s+at .*\\n\s+at /);
  });
});
