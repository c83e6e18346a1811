import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/app-error.js';
import { entryOf } from '../../src/errors/codes.js';
import { acceptsProblem } from '../../src/http/accept.js';
import { AnsweredError } from '../../src/http/answered-error.js';
import type { Endpoint } from '../../src/http/endpoint.js';
import { acceptsJsonLines } from '../../src/http/json-lines.js';
import { type Exchange, exchange, TOKEN } from './served.js';

const PROBLEM = 'application/problem+json';
const JOB_ID = '0123456789abcdef01234567';

describe('application/problem+json', () => {
  it.each([
    PROBLEM,
    'APPLICATION/Problem+JSON',
    `${PROBLEM}, application/json`,
    `application/json, ${PROBLEM}`,
    `${PROBLEM};q=0.9, application/json;q=0.8`,
    `${PROBLEM}; charset=utf-8 ; Q = 0.001`,
    `${PROBLEM}, */*`,
    `text/html, ${PROBLEM};q=0.5`,
    `${PROBLEM};q=0.8, */*;q=0.1`,
  ])('is the form of an error where Accept is %j', (accept) => {
    expect(acceptsProblem(new Headers({ accept }))).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'application/*',
    'application/json',
    `${PROBLEM};q=0`,
    `${PROBLEM};q=0.000`,
    `${PROBLEM};q=0.5, application/json`,
    `${PROBLEM};q=0.5, */*`,
    `${PROBLEM};q=0.5, application/*;q=0.6`,
    `${PROBLEM};q=2`,
    `${PROBLEM};q=`,
    `${PROBLEM};q=one`,
    `${PROBLEM};q=-1`,
    'application/problem+xml',
    `x${PROBLEM}`,
    `${','.repeat(4_000)}${';q='.repeat(4_000)}`,
  ])('is not where it is %j', (accept) => {
    expect(acceptsProblem(new Headers(accept === undefined ? {} : { accept }))).toBe(false);
  });

  it('is like the other form in q-values: ndjson that is refused is not sent', () => {
    const types = [['application/x-ndjson', true] as const, ['application/x-ndjson;q=0', false]];
    for (const [accept, accepted] of types) {
      expect(acceptsJsonLines(new Headers({ accept: String(accept) }))).toBe(accepted);
    }
  });
});

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
const asked = (thrown: unknown, accept: string): Promise<Exchange> =>
  exchange({ headers: { accept } }, {}, failing(thrown));

describe('an error as a problem', () => {
  const failed = new AnsweredError(
    new AppError('LAKE_QUERY_FAILED', 'no', { details: [{ message: 'why' }] }),
    { jobId: JOB_ID, status: 'failed' },
  );

  it('has the members of RFC 9457, and the fields of the other form', async () => {
    const { status, headers, body } = await asked(failed, PROBLEM);
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 502, type: PROBLEM });
    const detail = `no. ${entryOf('LAKE_QUERY_FAILED').action}`;
    expect(body).toEqual({
      type: 'urn:problem-type:datalake-sync:LAKE_QUERY_FAILED',
      title: entryOf('LAKE_QUERY_FAILED').meaning,
      status: 502,
      detail,
      instance: `urn:datalake-sync:request:${headers.get('x-request-id')}`,
      error: detail,
      message: detail,
      code: 'LAKE_QUERY_FAILED',
      remedy: entryOf('LAKE_QUERY_FAILED').action,
      details: [{ message: 'why' }],
      requestId: headers.get('x-request-id'),
      timestamp: expect.any(String),
      jobId: JOB_ID,
      runStatus: 'failed',
    });
  });

  it('is not what anybody gets who has not asked for it', async () => {
    const { headers, body } = await asked(failed, '*/*');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toMatchObject({ code: 'LAKE_QUERY_FAILED', status: 'failed' });
    expect(body).not.toHaveProperty('type');
  });

  it.each([
    [401, {}],
    [405, { method: 'PATCH', token: TOKEN }],
    [415, { method: 'POST', token: TOKEN, body: 'x' }],
  ] as const)('is also %i', async (status, sent) => {
    const { headers, body } = await exchange({ ...sent, headers: { accept: PROBLEM } });
    expect({ type: headers.get('content-type'), status: body.status }).toEqual({
      type: PROBLEM,
      status,
    });
  });

  it('is no form of a success', async () => {
    const { headers } = await exchange({ token: TOKEN, headers: { accept: PROBLEM } });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });
});

describe('an error says when to ask again, and where', () => {
  it.each<[string, unknown, string | null, string | null]>([
    [
      'a run that is active',
      new AppError('SYNC_RUNNING', undefined, { details: [{ message: 'it', jobId: JOB_ID }] }),
      '30',
      `/.netlify/functions/sync-status?jobId=${JOB_ID}`,
    ],
    [
      'a run that was interrupted',
      new AnsweredError(new AppError('MONGODB_UNREACHABLE'), { jobId: JOB_ID }),
      '30',
      `/.netlify/functions/sync-status?jobId=${JOB_ID}`,
    ],
    ['a quota', new AppError('LAKE_QUOTA'), '60', null],
    [
      'a limit whose time is over',
      new AppError('TOO_MANY_REQUESTS', undefined, { retryAfterMs: 0 }),
      '1',
      null,
    ],
    ['what does not pass by itself', new AppError('API_TOKEN_UNSET'), null, null],
    [
      'an id that another system has made up',
      new AppError('LAKE_REFUSED', undefined, { details: [{ message: 'x', jobId: 'a\r\nb: c' }] }),
      null,
      null,
    ],
  ])('of %s', async (_name, thrown, retryAfter, location) => {
    const { headers } = await asked(thrown, '*/*');
    expect([headers.get('retry-after'), headers.get('location')]).toEqual([retryAfter, location]);
  });
});
