import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/app-error.js';
import { entryOf } from '../../src/errors/codes.js';
import { AnsweredError } from '../../src/http/answered-error.js';
import type { Endpoint } from '../../src/http/endpoint.js';
import { serve } from '../../src/http/serve.js';
import { exchange, LOCAL_URL, send, TOKEN } from './served.js';

/** An endpoint that throws what it is told to. */
const failing = (thrown: unknown): Endpoint<object> => ({
  name: 'failing',
  methods: {
    GET: {
      access: 'none',
      handle: async () => {
        throw thrown;
      },
    },
  },
});

describe('a method', () => {
  it.each(['DELETE', 'PATCH', 'constructor', 'toString', '__proto__'])(
    'that the endpoint has not is refused: %s',
    async (method) => {
      const { status, headers } = await exchange({ method, token: TOKEN });
      expect({ status, allow: headers.get('allow') }).toEqual({
        status: 405,
        allow: 'HEAD, GET, POST, PUT, OPTIONS',
      });
    },
  );

  it('is refused without asking for a token, and with the usual form', async () => {
    const { body } = await exchange({ method: 'DELETE' });
    expect(body).toMatchObject({ code: 'METHOD_NOT_ALLOWED', details: [] });
  });
});

describe('HEAD', () => {
  it.each([
    ['the holder of a token', TOKEN, 200],
    ['anybody else', undefined, 401],
  ])('is answered to %s as GET is, without the body', async (_name, token, status) => {
    const sent = token === undefined ? {} : { token };
    const [get, head] = [await exchange(sent), await exchange({ ...sent, method: 'HEAD' })];
    expect({ get: get.status, head: head.status, text: head.text }).toEqual({
      get: status,
      head: status,
      text: '',
    });
    const { 'x-request-id': _, ...headers } = Object.fromEntries(head.headers);
    expect(Object.fromEntries(get.headers)).toMatchObject(headers);
    expect(headers['content-type']).toContain('application/json');
  });

  it('is refused where there is no GET', async () => {
    const { GET: _, ...methods } = failing(undefined).methods;
    const { status, headers, text } = await exchange(
      { method: 'HEAD' },
      {},
      { name: 'x', methods },
    );
    expect({ status, text, allow: headers.get('allow') }).toEqual({
      status: 405,
      text: '',
      allow: 'OPTIONS',
    });
  });
});

describe('every answer', () => {
  it.each<[string, number, Parameters<typeof exchange>]>([
    ['of success', 200, [{ token: TOKEN }]],
    ['of refusal', 401, [{}]],
    ['of a method that is not there', 405, [{ method: 'PATCH' }]],
    ['to a preflight', 204, [{ method: 'OPTIONS' }]],
    ['of a failure', 500, [{}, {}, failing(new Error('x'))]],
    ['of a site whose settings are wrong', 503, [{}, { LOG_LEVEL: 'loud' }]],
  ])('%s may be neither guessed at, framed, kept nor followed', async (_name, status, sent) => {
    const answer = await exchange(...sent);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('the id of a request', () => {
  const idOf = async (given?: string) => {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-request-id': given };
    const answer = await exchange({ token: 'wrong', headers });
    expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
    return answer.body.requestId;
  };

  it.each(['01HZX4T3M9-request_7', '7', 'trace.42', 'x'.repeat(64)])(
    'is the one that the caller gives: %s',
    async (id) => {
      expect(await idOf(id)).toBe(id);
    },
  );

  it.each([
    undefined,
    '',
    'x'.repeat(65),
    '<script>alert(1)</script>',
    '12345678; drop',
    '1234 5678',
    '{"a":"12345678"}',
  ])('is made where it is %j', async (id) => {
    expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/);
  });

  // Of the platform's context the id is all that is looked at.
  const context = { requestId: '01JPLATFORM' } as Parameters<ReturnType<typeof serve>>[1];
  const onPlatform = async (headers: Record<string, string>) => {
    const handle = serve(failing(new AppError('INTERNAL')), () => ({}));
    return (await handle(new Request(LOCAL_URL, { headers }), context)).headers.get('x-request-id');
  };

  it('is the one of the platform where the caller gives none that can be used', async () => {
    expect(await onPlatform({})).toBe('01JPLATFORM');
    expect(await onPlatform({ 'x-request-id': 'no id' })).toBe('01JPLATFORM');
    expect(await onPlatform({ 'x-request-id': 'mine' })).toBe('mine');
  });

  it('is another one for each request', async () => {
    expect(await idOf()).not.toBe(await idOf());
  });
});

describe('an error', () => {
  it('has one form: what, code, remedy, details, id and time', async () => {
    const { status, body } = await send('{"nope":1}');
    expect({ status, body }).toEqual({
      status: 400,
      body: {
        error: expect.stringContaining('nope'),
        message: body.error,
        code: 'VALIDATION_FAILED',
        remedy: expect.stringMatching(/^Correct the fields/),
        details: [{ field: 'nope', message: expect.any(String) }],
        requestId: expect.any(String),
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    });
  });

  it.each<[string, unknown]>([
    ['an error of the program', new TypeError('token=not-a-real-secret')],
    ['a text', 'token=not-a-real-secret'],
    ['nothing', undefined],
    [
      'an error of ours with a foreign cause',
      new AppError('INTERNAL', undefined, { cause: new Error('token=not-a-real-secret') }),
    ],
  ])('that nobody foresaw (%s) is INTERNAL, and tells nothing of itself', async (_name, thrown) => {
    const { status, body, text } = await exchange({}, {}, failing(thrown));
    expect({ status, code: body.code, details: body.details }).toEqual({
      status: 500,
      code: 'INTERNAL',
      details: [],
    });
    expect(text).not.toMatch(/not-a-real-secret|TypeError|\bat .*\.[jt]s/);
  });

  it('that says when to come again has a Retry-After in whole seconds', async () => {
    const busy = failing(new AppError('LAKE_QUOTA', undefined, { retryAfterMs: 1_200 }));
    const { status, headers } = await exchange({}, {}, busy);
    expect({ status, wait: headers.get('retry-after') }).toEqual({ status: 503, wait: '2' });
  });

  it('of a job has the fields of the job, but keeps its own', async () => {
    const error = new AppError('LAKE_QUERY_FAILED', 'no', { details: [{ message: 'why' }] });
    const jobId = 'a'.repeat(24);
    const { body } = await exchange({}, {}, failing(new AnsweredError(error, { jobId })));
    expect(body).toMatchObject({
      error: `no. ${entryOf('LAKE_QUERY_FAILED').action}`,
      code: 'LAKE_QUERY_FAILED',
      details: [{ message: 'why' }],
      jobId,
    });
  });
});

describe('any answer', () => {
  it.each([200, 401, 405])('is JSON that nobody stores: %i', async (status) => {
    const sent = { 200: { token: TOKEN }, 401: {}, 405: { method: 'DELETE' } }[status];
    const answer = await exchange(sent);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });
});
