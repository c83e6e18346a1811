import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttp } from '../../src/ion/http.js';
import type { StoredToken, TokenStore } from '../../src/ion/stored-token.js';
import { createTokenSource } from '../../src/ion/token-source.js';
import { credentialsFor, failureOf, SECRETS } from './credentials.js';
import { type ManualClock, manualClock } from './manual-clock.js';
import { hang, reset, type ScriptedServer, scriptedServer } from './scripted-server.js';

let server: ScriptedServer;
let clock: ManualClock;
let count: number;
const http = createHttp();

beforeEach(async () => {
  server = await scriptedServer();
  clock = manualClock();
  count = 0;
  server.respond = () => ({ body: { access_token: `token-${++count}`, expires_in: 7200 } });
});
afterEach(() => server.close());

const source = (store?: TokenStore) =>
  createTokenSource({ credentials: credentialsFor(server.url), http, clock, store });

const basic = `Basic ${Buffer.from(`T1~client:${SECRETS.clientSecret}`).toString('base64')}`;

describe('the token request', () => {
  test('is a password grant for the service account, the client named by Basic', async () => {
    await source().get();
    const [request] = server.seen;
    expect(request).toMatchObject({ method: 'POST', path: '/T1/as/token.oauth2' });
    expect(request?.headers.authorization).toBe(basic);
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'password',
      username: SECRETS.accessKey,
      password: SECRETS.secretKey,
    });
  });

  test.each([
    { status: 401, body: { error: 'invalid_client' } },
    { status: 400, body: { error: 'invalid_client' } },
    { status: 401, body: '' },
  ])('refused as %o, it names the client in the form, and so from then on', async (refusal) => {
    server.respond = ({ headers }) =>
      headers.authorization
        ? refusal
        : { body: { access_token: `token-${++count}`, expires_in: 100 } };
    const tokens = source();
    expect(await tokens.get()).toBe('token-1');
    clock.time += 100_000;
    expect(await tokens.get()).toBe('token-2');
    expect(server.seen).toHaveLength(3);
    const [, second, third] = server.seen.map(({ body }) => new URLSearchParams(body));
    expect(second?.get('client_secret')).toBe(SECRETS.clientSecret);
    expect(third?.get('client_id')).toBe('T1~client');
    expect(server.seen[2]?.headers.authorization).toBeUndefined();
  });

  test.each([
    [
      400,
      { error: 'invalid_grant', error_description: 'unknown user' },
      'invalid_grant: unknown user',
      1,
    ],
    [401, { error: 'invalid_client' }, 'invalid_client', 2],
    [403, '<html><body><h1>Forbidden</h1></body></html>', 'Forbidden', 1],
    [401, '', expect.stringContaining('no text'), 2],
  ])('%i with %j is a refusal that says why', async (status, body, message, requests) => {
    server.respond = () => ({ status, body });
    const error = await failureOf(source().get());
    expect(error.code).toBe('ION_AUTH_REFUSED');
    expect(error.details).toEqual([{ message, status }]);
    expect(server.seen).toHaveLength(requests);
  });

  test('an answer that repeats the secrets does not bring them into the error', async () => {
    server.respond = ({ body }) => ({ status: 400, body: `bad request: ${body} ${basic}` });
    const error = await failureOf(source().get());
    expect(error.details[0]?.message).toContain('bad request');
  });

  test.each([
    [{ status: 500, body: 'down' }, 'LAKE_SERVER_ERROR'],
    [{ status: 504 }, 'LAKE_TIMEOUT'],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'LAKE_QUOTA'],
    [{ status: 302, headers: { location: 'https://elsewhere.example.com' } }, 'LAKE_REFUSED'],
    [{ status: 404 }, 'LAKE_REFUSED'],
    [{ body: '<html>login</html>' }, 'LAKE_BAD_ANSWER'],
    [{ body: { access_token: '' } }, 'LAKE_BAD_ANSWER'],
    [{ body: { access_token: 'line\nbreak' } }, 'LAKE_BAD_ANSWER'],
    [reset, 'LAKE_UNREACHABLE'],
  ])('the answer %o is %s, and the next get asks anew', async (answer, code) => {
    server.script(answer);
    const tokens = source();
    const error = await failureOf(tokens.get());
    expect(error.code).toBe(code);
    expect(error.retryAfterMs).toBe(code === 'LAKE_QUOTA' ? 7000 : undefined);
    expect(await tokens.get()).toBe('token-1');
  });
});

describe('the life of a token', () => {
  test.each([
    ['7200', 7200, 7200 - 300],
    ['600', 600, 540],
    [3600, 3600, 3300],
    [undefined, 7200, 6900],
    ['soon', 7200, 6900],
    [-1, 7200, 6900],
  ])('expires_in %j is used until shortly before its end', async (expires_in, _life, used) => {
    server.respond = () => ({ body: { access_token: `token-${++count}`, expires_in } });
    const tokens = source();
    await tokens.get();
    clock.time += used * 1000 - 1;
    expect(await tokens.get()).toBe('token-1');
    clock.time += 1;
    expect(await tokens.get()).toBe('token-2');
  });

  test('callers at the same time share one request', async () => {
    const tokens = source();
    const got = await Promise.all(Array.from({ length: 20 }, () => tokens.get()));
    expect(new Set(got)).toEqual(new Set(['token-1']));
    expect(server.seen).toHaveLength(1);
  });

  test('callers at the same time share a failure too', async () => {
    server.respond = () => ({ status: 503 });
    const tokens = source();
    await Promise.all([failureOf(tokens.get()), failureOf(tokens.get())]);
    expect(server.seen).toHaveLength(1);
  });

  test('a refused token is given up once, however many tell of it', async () => {
    const tokens = source();
    const first = await tokens.get();
    tokens.refused(first);
    const second = await tokens.get();
    tokens.refused(first);
    expect(second).toBe('token-2');
    expect(await tokens.get()).toBe('token-2');
  });

  test("one caller's deadline ends its wait and nobody else's", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.respond = async () => {
      await held;
      return { body: { access_token: 'late', expires_in: 7200 } };
    };
    const tokens = source();
    const hasty = failureOf(tokens.get({ deadline: clock.now() + 20 }));
    const patient = tokens.get();
    expect((await hasty).code).toBe('LAKE_TIMEOUT');
    release();
    expect(await patient).toBe('late');
    expect(server.seen).toHaveLength(1);
  });

  test('an aborted caller waits no longer, and a wait in vain sends nothing', async () => {
    server.script(hang);
    const controller = new AbortController();
    const tokens = source();
    const waiting = failureOf(tokens.get({ signal: controller.signal }));
    controller.abort();
    const aborted = await waiting;
    const late = await failureOf(source().get({ deadline: clock.now() }));
    expect([aborted.code, late.code]).toEqual(['LAKE_TIMEOUT', 'LAKE_TIMEOUT']);
    // One code has several causes, which only the sentence tells apart.
    expect(aborted.message).toMatch(/caller gave up/);
    expect(late.message).toMatch(/no time was left/i);
    // The first caller's request, which still goes on.
    await expect.poll(() => server.seen.length).toBe(1);
  });
});

describe('a token store', () => {
  interface MemoryStore extends TokenStore {
    kept: StoredToken | undefined;
    renewing: boolean;
    released: number;
  }

  function memoryStore(kept?: StoredToken): MemoryStore {
    const store: MemoryStore = {
      kept,
      renewing: false,
      released: 0,
      load: async () => ({
        ...(store.kept && { token: store.kept }),
        renewing: store.renewing,
        claim: async () => true,
      }),
      save: async (token) => {
        store.kept = token;
      },
      release: async () => {
        store.released++;
      },
    };
    return store;
  }

  const theirs = () => ({
    token: 'theirs',
    issuedAt: clock.now(),
    expiresAt: clock.now() + 7_200_000,
  });

  test('takes the new token, and gives it to another source without a request', async () => {
    const store = memoryStore();
    await source(store).get();
    expect(store.kept).toEqual({
      token: 'token-1',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 7_200_000,
    });
    expect(await source(store).get()).toBe('token-1');
    expect(server.seen).toHaveLength(1);
  });

  test('is not believed about a token that is about to end or was refused', async () => {
    const issuedAt = clock.now() - 7_000_000;
    const store = memoryStore({ token: 'old', issuedAt, expiresAt: clock.now() + 200_000 });
    const tokens = source(store);
    expect(await tokens.get()).toBe('token-1');
    tokens.refused('token-1');
    expect(await tokens.get()).toBe('token-2');
    expect(store.kept?.token).toBe('token-2');
  });

  test('gives the token that another instance got after a refusal', async () => {
    const store = memoryStore();
    const tokens = source(store);
    const first = await tokens.get();
    tokens.refused(first);
    store.kept = theirs();
    expect(await tokens.get()).toBe('theirs');
  });

  test('gives the token that another instance is just getting', async () => {
    const store = memoryStore();
    store.renewing = true;
    const { load } = store;
    let loads = 0;
    store.load = () => {
      if (++loads === 5) store.kept = theirs();
      return load();
    };
    expect(await source(store).get()).toBe('theirs');
    expect(server.seen).toHaveLength(0);
  });

  test('is waited for twenty seconds, then the token is its own', async () => {
    const store = memoryStore();
    store.renewing = true;
    const began = clock.now();
    expect(await source(store).get()).toBe('token-1');
    expect(clock.now() - began).toBe(20_000);
    expect(store.kept?.token).toBe('token-1');
  });

  test('has the right to renew back where no token came', async () => {
    const store = memoryStore();
    server.script({ status: 503 });
    await failureOf(source(store).get());
    expect(store.released).toBe(1);
  });

  test('that fails counts as empty', async () => {
    const down = () => Promise.reject(new Error('down'));
    const store: TokenStore = { load: down, save: down, release: down };
    expect(await source(store).get()).toBe('token-1');
    const halfDown: TokenStore = {
      ...store,
      load: async () => ({ renewing: false, claim: async () => true }),
    };
    expect(await source(halfDown).get()).toBe('token-2');
    server.script({ status: 503 });
    expect((await failureOf(source(halfDown).get())).code).toBe('LAKE_SERVER_ERROR');
  });
});
