import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { AppError } from '../../src/errors/app-error.js';
import { createGateway } from '../../src/ion/gateway.js';
import { createHttp, type HttpAnswer } from '../../src/ion/http.js';
import { createTokenSource } from '../../src/ion/token-source.js';
import { credentialsFor, failureOf } from './credentials.js';
import { type ManualClock, manualClock } from './manual-clock.js';
import { hang, reset, type ScriptedServer, scriptedServer } from './scripted-server.js';

let server: ScriptedServer;
let clock: ManualClock;
let retries: [AppError, number, number][];
let issued: number;
const http = createHttp();
const policy = { attempts: 4, baseMs: 100, capMs: 1_000 };

beforeEach(async () => {
  server = await scriptedServer();
  clock = manualClock();
  retries = [];
  issued = 0;
  server.respond = ({ path }) =>
    path.endsWith('token.oauth2')
      ? { body: { access_token: `hush-token-${++issued}`, expires_in: 7200 } }
      : { body: 'fine' };
});
afterEach(() => server.close());

function gateway() {
  const credentials = credentialsFor(server.url);
  return createGateway({
    credentials,
    tokens: createTokenSource({ credentials, http, clock }),
    http,
    clock,
    policy,
    onRetry: (...retry) => retries.push(retry),
  });
}

const GET = { method: 'GET', path: 'DATAFABRIC/ping', expect: [200] } as const;
const bodyOf = ({ body }: HttpAnswer) => body;
/** The calls to the API, without those for a token. */
const calls = () => server.seen.filter(({ path }) => !path.endsWith('token.oauth2'));

/** Gets a token first, so that the scripted answers are for the API. */
async function warm() {
  const warmed = gateway();
  await warmed.request(GET, bodyOf);
  server.seen.length = 0;
  return warmed;
}
describe('a call', () => {
  test('goes to the tenant with the token, and asks for JSON', async () => {
    await gateway().request({ ...GET, query: { offset: 5, 'a b': 'ü&' } }, bodyOf);
    expect(calls()[0]).toMatchObject({
      method: 'GET',
      path: '/T1/DATAFABRIC/ping',
      query: { offset: '5', 'a b': 'ü&' },
      headers: { authorization: 'Bearer hush-token-1', accept: 'application/json' },
    });
  });

  test('carries its body and content type', async () => {
    const request = {
      ...GET,
      method: 'POST',
      body: 'SELECT 1',
      contentType: 'text/plain',
    } as const;
    await gateway().request({ ...request, accept: 'text/csv' }, bodyOf);
    expect(calls()[0]).toMatchObject({
      body: 'SELECT 1',
      headers: { 'content-type': 'text/plain', accept: 'text/csv' },
    });
  });

  test('gives what is read from an expected status', async () => {
    server.script({ body: { access_token: 'x' } }, { status: 404, body: 'gone' });
    const answer = await gateway().request({ ...GET, expect: [200, 404] }, (found) => found.status);
    expect(answer).toBe(404);
  });
});

describe('a failure that may pass', () => {
  test.each([
    [{ status: 500 }, 'LAKE_SERVER_ERROR'],
    [{ status: 504 }, 'LAKE_TIMEOUT'],
    [reset, 'LAKE_UNREACHABLE'],
  ])('%o is tried again, and told of as %s', async (answer, code) => {
    const warmed = await warm();
    server.script(answer, answer);
    expect(await warmed.request(GET, bodyOf)).toBe('fine');
    expect(retries.map(([error, attempt]) => [error.code, attempt])).toEqual([
      [code, 1],
      [code, 2],
    ]);
    expect(clock.sleeps).toEqual(retries.map(([, , waitMs]) => waitMs));
  });

  test('is given up after the last attempt', async () => {
    server.respond = ({ path }) =>
      path.endsWith('token.oauth2') ? { body: { access_token: 'x' } } : { status: 502, body: 'no' };
    const error = await failureOf(gateway().request(GET, bodyOf));
    expect(error.code).toBe('LAKE_SERVER_ERROR');
    expect(error.details[0]).toMatchObject({ message: 'no', status: 502 });
    expect(calls()).toHaveLength(4);
  });

  test('is waited out as long as Retry-After says', async () => {
    const warmed = await warm();
    server.script({ status: 503, headers: { 'retry-after': '42' } });
    await warmed.request(GET, bodyOf);
    expect(clock.sleeps).toEqual([42_000]);
  });

  test('is not waited out beyond the deadline', async () => {
    const warmed = await warm();
    server.script({ status: 503, headers: { 'retry-after': '42' } });
    const deadline = clock.now() + 30_000;
    const error = await failureOf(warmed.request({ ...GET, deadline }, bodyOf));
    expect(error.code).toBe('OUT_OF_TIME');
    expect(clock.sleeps).toEqual([]);
  });

  test('while getting a token counts as an attempt of the call', async () => {
    server.script({ status: 503 }, { status: 503 });
    expect(await gateway().request(GET, bodyOf)).toBe('fine');
    expect(retries).toHaveLength(2);
  });

  test('may be one that the reader of the answer found', async () => {
    const warmed = await warm();
    server.script({ body: '[{"a":' });
    const read = ({ body }: HttpAnswer) => {
      if (body !== 'fine') throw new AppError('LAKE_BAD_ANSWER');
      return body;
    };
    expect(await warmed.request(GET, read)).toBe('fine');
    expect(calls()).toHaveLength(2);
  });
});

describe('a quota', () => {
  const refusal = { status: 429, headers: { 'retry-after': '42' } };

  test('is not tried again here, and told of with the wait that the lake asks for', async () => {
    const warmed = await warm();
    server.script(refusal);
    const error = await failureOf(warmed.request(GET, bodyOf));
    expect(error).toMatchObject({ code: 'LAKE_QUOTA', retryAfterMs: 42_000 });
    expect(calls()).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
  });

  test("of the authorisation server is one like the gateway's", async () => {
    server.script(refusal);
    const error = await failureOf(gateway().request(GET, bodyOf));
    expect(error).toMatchObject({ code: 'LAKE_QUOTA', retryAfterMs: 42_000 });
    expect(server.seen).toHaveLength(1);
  });
});

describe('a time-out', () => {
  test('of the call ends an attempt', async () => {
    const warmed = await warm();
    server.script(hang);
    expect(await warmed.request({ ...GET, timeoutMs: 50 }, bodyOf)).toBe('fine');
    expect(retries.map(([error]) => error.code)).toEqual(['LAKE_TIMEOUT']);
  });

  test('is never longer than what the deadline leaves', async () => {
    const credentials = credentialsFor(server.url);
    const tokens = createTokenSource({ credentials, http, clock: systemClock });
    await tokens.get();
    server.respond = () => hang;
    const inTime = createGateway({ credentials, tokens, http, clock: systemClock, policy });
    const deadline = Date.now() + 80;
    const error = await failureOf(inTime.request({ ...GET, deadline }, bodyOf));
    expect(error.code).toBe('OUT_OF_TIME');
    expect(error.details[0]).toMatchObject({ code: 'LAKE_TIMEOUT' });
  });

  test('or a signal that comes from the caller is not tried again', async () => {
    const warmed = await warm();
    server.script(hang);
    const controller = new AbortController();
    const request = failureOf(warmed.request({ ...GET, signal: controller.signal }, bodyOf));
    setTimeout(() => controller.abort(), 20);
    expect((await request).code).toBe('LAKE_TIMEOUT');
    expect(retries).toEqual([]);
  });
});

describe('a failure for good', () => {
  test.each([400, 403, 404, 405, 302])('status %i is tried once', async (status) => {
    const warmed = await warm();
    server.script({ status, body: `refused hush-token-1 ${'x'.repeat(400)}` });
    const error = await failureOf(warmed.request(GET, bodyOf));
    expect(error.code).toBe('LAKE_REFUSED');
    expect(error.details[0]).toMatchObject({ status });
    expect(error.details[0]?.message).toHaveLength(300);
    expect(calls()).toHaveLength(1);
  });

  test('refused credentials are tried once', async () => {
    server.script({ status: 400, body: { error: 'invalid_grant' } });
    expect((await failureOf(gateway().request(GET, bodyOf))).code).toBe('ION_AUTH_REFUSED');
    expect(server.seen).toHaveLength(1);
  });
});

describe('a refused token', () => {
  test('is replaced by one new one, without a wait', async () => {
    const warmed = await warm();
    server.script({ status: 401 });
    expect(await warmed.request(GET, bodyOf)).toBe('fine');
    expect(calls().map(({ headers }) => headers.authorization)).toEqual([
      'Bearer hush-token-1',
      'Bearer hush-token-2',
    ]);
    expect(clock.sleeps).toEqual([]);
  });

  test('is replaced once for all who met the refusal', async () => {
    const warmed = await warm();
    const answer = server.respond;
    server.respond = (request) =>
      request.headers.authorization === 'Bearer hush-token-1' ? { status: 401 } : answer(request);
    await Promise.all(Array.from({ length: 10 }, () => warmed.request(GET, bodyOf)));
    expect(issued).toBe(2);
  });

  test('that is followed by another refusal fails at once', async () => {
    server.respond = ({ path }) =>
      path.endsWith('token.oauth2')
        ? { body: { access_token: `hush-token-${++issued}` } }
        : { status: 401, body: 'hush-token-2 is not known' };
    const error = await failureOf(gateway().request(GET, bodyOf));
    expect(error.code).toBe('ION_TOKEN_REFUSED');
    expect(error.details[0]?.message).toBe('[secret] is not known');
    expect(issued).toBe(2);
  });
});

test('a hundred calls share one token', async () => {
  const shared = gateway();
  await Promise.all(Array.from({ length: 100 }, () => shared.request(GET, bodyOf)));
  expect(issued).toBe(1);
});
