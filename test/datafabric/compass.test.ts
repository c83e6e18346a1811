import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Compass, createCompass } from '../../src/datafabric/compass.js';
import { createGateway } from '../../src/ion/gateway.js';
import { createHttp } from '../../src/ion/http.js';
import { createTokenSource } from '../../src/ion/token-source.js';
import { credentialsFor, failureOf } from '../ion/credentials.js';
import { type ManualClock, manualClock } from '../ion/manual-clock.js';
import {
  type Answer,
  reset,
  type ScriptedServer,
  type SeenRequest,
  scriptedServer,
} from '../ion/scripted-server.js';

let server: ScriptedServer;
let clock: ManualClock;
let compass: Compass;
const BASE = '/T1/DATAFABRIC/compass/v2';
/** What Compass answers; a test sets what it needs. */
let answer: (request: SeenRequest) => Answer;
const http = createHttp();

beforeEach(async () => {
  server = await scriptedServer();
  clock = manualClock();
  answer = () => ({ status: 404 });
  server.respond = (request) =>
    request.path.endsWith('token.oauth2')
      ? { body: { access_token: 'hush-token', expires_in: 7200 } }
      : answer(request);
  const credentials = credentialsFor(server.url);
  const gateway = createGateway({
    credentials,
    tokens: createTokenSource({ credentials, http, clock }),
    http,
    clock,
    policy: { attempts: 3, baseMs: 10, capMs: 100 },
  });
  compass = createCompass({ gateway, clock });
});
afterEach(() => server.close());

/** The calls to Compass, as method, path below the base, and query. */
const calls = () =>
  server.seen
    .filter(({ path }) => path.startsWith(BASE))
    .map(({ method, path, query }) => ({ method, path: path.slice(BASE.length), query }));

/** Answers in turn; the last one stays. */
function answers(...list: Answer[]): void {
  let turn = 0;
  answer = () => list[Math.min(turn++, list.length - 1)] ?? { status: 500 };
}

const said = (status: string, http = 201): Answer => ({ status: http, body: { status } });

describe('the calls', () => {
  test('go where Compass expects them', async () => {
    answers({ body: 'pong' });
    await compass.ping();
    answers({ status: 202, body: { queryId: 'q/1', status: 'RUNNING', location: '/x' } });
    const queryId = await compass.submit("SELECT 'ü'");
    answers(said('RUNNING', 202));
    await compass.status(queryId, { waitSeconds: 3.7 });
    answers({ body: [] });
    await compass.page(queryId, { offset: 10, limit: 5 });
    answers({ status: 204 });
    await compass.cancel(queryId);
    expect(calls()).toEqual([
      { method: 'GET', path: '/ping', query: {} },
      { method: 'POST', path: '/jobs/', query: {} },
      { method: 'GET', path: '/jobs/q%2F1/status/', query: { timeout: '3' } },
      { method: 'GET', path: '/jobs/q%2F1/result/', query: { offset: '10', limit: '5' } },
      { method: 'PUT', path: '/jobs/q%2F1/cancel/', query: {} },
    ]);
    const submit = server.seen.find(({ method, path }) => method === 'POST' && /jobs/.test(path));
    expect(submit).toMatchObject({ body: "SELECT 'ü'", headers: { 'content-type': 'text/plain' } });
  });

  test('an id that is far longer than any id is none', async () => {
    answers({ status: 202, body: { queryId: 'q'.repeat(9_000) } });
    const { code } = await failureOf(compass.submit('SELECT 1'));
    expect(code).toBe('LAKE_BAD_ANSWER');
  });

  test('a submit is repeated where its answer was lost or holds no id', async () => {
    answers(
      reset,
      { status: 202, body: { status: 'RUNNING' } },
      { status: 202, body: { queryId: 'q' } },
    );
    expect(await compass.submit('SELECT 1')).toBe('q');
    expect(calls()).toHaveLength(3);
  });

  test('a submit that the lake refuses is not repeated', async () => {
    answers({ status: 400, body: { error: 'no SELECT' } });
    const error = await failureOf(compass.submit('SELEKT'));
    expect(error.code).toBe('LAKE_REFUSED');
    expect(error.details[0]?.message).toContain('no SELECT');
    expect(calls()).toHaveLength(1);
  });

  test.each([200, 202, 204, 400, 404, 409])('a cancel answered with %i is done', async (status) => {
    answers({ status });
    await expect(compass.cancel('q')).resolves.toBeUndefined();
  });

  test('a query that was noted by a clock that is ahead is young for no longer than others', async () => {
    const began = clock.now();
    const wait = compass.waitUntilEnded('q', { submittedAt: began + 3_600_000 });
    expect((await failureOf(wait)).code).toBe('LAKE_RESULT_LOST');
    expect(clock.now() - began).toBeLessThan(20_000);
  });

  test.each([404, 410])('a query that is gone, status %i, is a lost result', async (status) => {
    answers({ status });
    const lost = [compass.page('q', { offset: 0, limit: 1 }), compass.status('q')];
    for (const call of lost) expect((await failureOf(call)).code).toBe('LAKE_RESULT_LOST');
    expect(calls()).toHaveLength(2);
  });
});

describe('a status', () => {
  test.each([
    ['RUNNING', 202, 'running'],
    ['TRANSFORMING', 202, 'running'],
    ['running', 200, 'running'],
    ['COMPLETED', 201, 'running'],
    ['', 202, 'running'],
    ['FINISHED', 201, 'finished'],
    ['finished', 200, 'finished'],
    ['Finished ', 202, 'finished'],
    ['FAILED', 201, 'failed'],
    ['CANCELED', 201, 'canceled'],
    ['CANCELLED', 201, 'canceled'],
  ])('%j with HTTP %i means %s: the word decides', async (word, status, state) => {
    answers(said(word, status));
    expect(await compass.status('q')).toEqual({ state });
  });

  test('tells the columns of a finished query', async () => {
    const columns = [
      { name: 'A', datatype: 'String' },
      { name: 'B', datatype: 'Integer' },
    ];
    answers({ status: 201, body: { status: 'FINISHED', columns } });
    expect(await compass.status('q')).toEqual({
      state: 'finished',
      columns: ['A', 'B'],
      kinds: [
        { column: 'A', kind: 'text' },
        { column: 'B', kind: 'number' },
      ],
    });
  });

  test('is asked for again where the answer is none', async () => {
    answers({ status: 202 }, { body: '<html></html>' }, said('FINISHED'));
    expect(await compass.status('q')).toEqual({ state: 'finished' });
  });
});

describe('a wait', () => {
  test('polls until the end, ever less often where the lake does not hold its answer', async () => {
    answers(...Array.from({ length: 8 }, () => said('RUNNING', 202)), said('FINISHED'));
    const ended = await compass.waitUntilEnded('q', { submittedAt: clock.now() });
    expect(ended).toEqual({ state: 'finished' });
    expect(clock.sleeps).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(calls().every(({ query }) => query.timeout === '25')).toBe(true);
  });

  test('makes no pause where the lake held its answer back', async () => {
    answer = () => {
      clock.time += 25_000;
      return said(server.seen.length > 4 ? 'FINISHED' : 'RUNNING', 202);
    };
    await compass.waitUntilEnded('q', { submittedAt: clock.now() });
    expect(clock.sleeps.filter((ms) => ms > 0)).toEqual([]);
  });

  test('ends at the deadline with the query still running, and asks for no longer wait', async () => {
    answer = ({ query }) => {
      clock.time += Number(query.timeout) * 1000;
      return said('RUNNING', 202);
    };
    const submittedAt = clock.now();
    const ended = await compass.waitUntilEnded('q', {
      submittedAt,
      deadline: clock.now() + 40_000,
    });
    expect(ended).toEqual({ state: 'running' });
    expect(clock.now()).toBe(submittedAt + 40_000);
    expect(
      calls()
        .slice(0, 2)
        .map(({ query }) => query.timeout),
    ).toEqual(['25', '14']);
  });

  test('ends at the deadline too where the answers fail', async () => {
    answers({ status: 503, headers: { 'retry-after': '60' } });
    const limits = { submittedAt: clock.now(), deadline: clock.now() + 30_000 };
    expect(await compass.waitUntilEnded('q', limits)).toEqual({ state: 'running' });
  });

  test('fails where the answers fail with time to spare', async () => {
    answers({ status: 500 });
    const limits = { submittedAt: clock.now(), deadline: clock.now() + 600_000 };
    const error = await failureOf(compass.waitUntilEnded('q', limits));
    expect(error.code).toBe('LAKE_SERVER_ERROR');
  });

  test('ends when its signal is aborted', async () => {
    const controller = new AbortController();
    answer = () => {
      controller.abort();
      return said('RUNNING', 202);
    };
    const limits = { submittedAt: clock.now(), signal: controller.signal };
    expect(await compass.waitUntilEnded('q', limits)).toEqual({ state: 'running' });
  });

  test('gives up on a query that outlived what the lake allows', async () => {
    answers(said('RUNNING', 202));
    const submittedAt = clock.now() - 59 * 60_000;
    const error = await failureOf(compass.waitUntilEnded('q', { submittedAt }));
    expect(error.code).toBe('LAKE_QUERY_SLOW');
    expect(clock.now() - submittedAt).toBeGreaterThanOrEqual(60 * 60_000);
    expect(clock.now() - submittedAt).toBeLessThan(61 * 60_000);
  });

  test('on a canceled query fails', async () => {
    answers(said('CANCELED'));
    const error = await failureOf(compass.waitUntilEnded('q', { submittedAt: clock.now() }));
    expect(error.code).toBe('LAKE_QUERY_CANCELED');
  });
});

describe('a failed query', () => {
  const fails = (result: Answer) => {
    answer = ({ path }) => (path.endsWith('/status/') ? said('FAILED') : result);
    return failureOf(compass.waitUntilEnded('q', { submittedAt: clock.now() }));
  };

  test("tells Infor's own reason, code, line and position", async () => {
    const row = {
      messageCode: '401',
      messageCategory: 'SQL',
      message: "Unknown property 'FOO'",
      line: '1',
      position: '8',
      queryId: 'q',
    };
    const error = await fails({ body: [row, { ...row, message: 'second', line: 2 }] });
    expect(error.code).toBe('LAKE_QUERY_FAILED');
    expect(error.message).toContain("Unknown property 'FOO'");
    expect(error.details).toEqual([
      { message: row.message, code: '401', category: 'SQL', line: 1, position: 8, queryId: 'q' },
      { message: 'second', code: '401', category: 'SQL', line: 2, position: 8, queryId: 'q' },
    ]);
  });

  test.each<[string, Answer, string]>([
    ['other words', { body: [{ localizedMessage: 'anders', line: 'x' }] }, 'anders'],
    ['no rows', { body: [] }, 'The lake gave no reason.'],
    ['rows of another kind', { body: [{ A: '1' }] }, 'The lake gave no reason.'],
    ['no result', { status: 404 }, 'The lake gave no reason.'],
    ['a broken result', { status: 500 }, 'The lake gave no reason.'],
    ['a result that is refused', { status: 400 }, 'The lake gave no reason.'],
  ])('with %s fails all the same', async (_, result, message) => {
    const error = await fails(result);
    expect(error.code).toBe('LAKE_QUERY_FAILED');
    expect(error.details).toEqual([{ message, queryId: 'q' }]);
  });

  test('whose reason the deadline cuts off is looked at again later', async () => {
    answer = ({ path }) => (path.endsWith('/status/') ? said('FAILED') : { status: 500 });
    const limits = { submittedAt: clock.now(), deadline: clock.now() + 1 };
    expect(await compass.waitUntilEnded('q', limits)).toEqual({ state: 'running' });
  });
});

describe('a page', () => {
  const page = () => compass.page('q', { offset: 0, limit: 10 });
  const json = { 'content-type': 'application/json' };

  test.each<[string, Answer]>([
    ['is cut off', { headers: json, body: '[{"A":"1"},{"A":' }],
    [
      'is cut off within its compression',
      {
        act: (response) => {
          const zipped = gzipSync(JSON.stringify([{ A: String(Math.random()).repeat(50) }]));
          response.writeHead(200, { ...json, 'content-encoding': 'gzip' });
          response.end(zipped.subarray(0, zipped.length - 20));
        },
      },
    ],
    ['is empty', { headers: json, body: '' }],
    ['is an error with status 200', { headers: json, body: '{"error":"oops"}' }],
  ])('that %s is asked for again', async (_, broken) => {
    answers(broken, { body: [{ A: '1' }] });
    expect(await page()).toEqual([{ A: '1' }]);
    expect(calls()).toHaveLength(2);
  });

  test('that stays broken is a bad answer', async () => {
    answers({ headers: json, body: '[{' });
    expect((await failureOf(page())).code).toBe('LAKE_BAD_ANSWER');
    expect(calls()).toHaveLength(3);
  });

  test.each<[string, Answer, unknown[]]>([
    ['no content', { status: 204 }, []],
    [
      'lines',
      { headers: { 'content-type': 'application/x-ndjson' }, body: '{"A":"1"}\n' },
      [{ A: '1' }],
    ],
    ['no lines', { headers: { 'content-type': 'application/x-ndjson' }, body: '' }, []],
    ['a long number', { body: '[{"A":12345678901234567890}]' }, [{ A: '12345678901234567890' }]],
  ])('of %s is taken', async (_, given, rows) => {
    answers(given);
    expect(await page()).toEqual(rows);
  });
});

describe('a small query', () => {
  test('gives all rows, and goes on after a short page until an empty one', async () => {
    const rows = [{ A: '1' }, { A: '2' }, { A: '3' }];
    answer = ({ method, path, query }) => {
      if (method === 'POST') return { status: 202, body: { queryId: 'q' } };
      if (path.endsWith('/status/')) return said('FINISHED');
      const offset = Number(query.offset);
      return { body: rows.slice(offset, offset + 2) };
    };
    expect(await compass.query('SELECT 1')).toEqual({ rows, proven: false });
    // Two pages with rows, the empty one twice, and a look whether the last row is still there.
    expect(calls().filter(({ path }) => path.endsWith('/result/'))).toHaveLength(5);
  });

  test('that does not finish in time says so', async () => {
    answer = ({ method }) =>
      method === 'POST' ? { status: 202, body: { queryId: 'q' } } : said('RUNNING', 202);
    const error = await failureOf(compass.query('SELECT 1', { deadline: clock.now() + 10_000 }));
    expect(error.code).toBe('OUT_OF_TIME');
  });
});
